from . import baseline_adopt
