"""OpenCV divides nothing among threads of its own: importing this sees to it, for the whole process.

Its number of threads belongs to the process, and changing it while another thread is inside OpenCV ends the
program (a division by zero where the work is shared out). Between two calls its threads also turn in circles:
a picture for the screen cost a fifth more of the processor than it has work, taken from what decodes the next
one. What is slow divides itself (`in_parts`).
"""

from __future__ import annotations

import cv2

cv2.setNumThreads(1)
