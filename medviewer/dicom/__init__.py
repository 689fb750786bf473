"""DICOM files to core values: headers, series in order, decoded frames."""
