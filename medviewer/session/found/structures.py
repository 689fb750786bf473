"""Structure sets as label maps: what their outlines enclose, holes left out."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Provenance
from medviewer.core.labels import Label
from medviewer.core.objects import StudyObject
from medviewer.core.structures import Region
from medviewer.imaging.masks import filled
from medviewer.kit.task import TaskContext
from medviewer.session.found.groups import Made, Marks, Pile
from medviewer.session.found.outlines import colors_of, placed
from medviewer.session.found.places import Place, Places


def groups_of_regions(found: StudyObject, places: Places, context: TaskContext) -> Made:
    """What the closed outlines of a structure set enclose, by the even-odd rule, as label maps.

    Slow. Raises BadValue where nothing of it lies on an open picture.
    """
    regions: dict[int, Region] = {}
    outlines: dict[int, dict[Place, list[NDArray[np.float64]]]] = defaultdict(lambda: defaultdict(list))
    nowhere = open_ones = 0
    for key, index, region, contour, spots in placed(found, places, context):
        regions[region.number] = region
        if not key:
            nowhere += 1
        elif contour.closed:
            outlines[region.number][key, index].append(spots)
        else:
            open_ones += 1
    pile, colors = Pile(found, places), colors_of(found)
    for done, (number, by_place) in enumerate(outlines.items()):
        context.check()
        region = regions[number]
        context.report(done / len(outlines), region.name)
        marks: Marks = {}
        for (key, index), spots_there in by_place.items():
            shape = places.series[key].frames[index].plane.shape
            mask = filled([one.tolist() for one in spots_there], shape)
            if mask is not None:
                marks[key, index] = mask
        if marks:
            label = Label(1, region.name, colors[number], meaning=region.meaning)
            pile.add(label, marks, _provenance(found, region))
    words = [f"{nowhere:,} outlines lie on no open picture."] if nowhere else []
    words += [f"{open_ones:,} points and open lines enclose nothing and are left out."] if open_ones else []
    return pile.made(tuple(words))


def _provenance(found: StudyObject, region: Region) -> Provenance | None:
    if region.how != "AUTOMATIC":
        return None
    return Provenance(found.made_by or "An algorithm", "", "", found.when, (("object", found.uid),))
