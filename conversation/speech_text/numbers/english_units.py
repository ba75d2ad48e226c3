"""English names of units and currencies: one, and more than one."""

from __future__ import annotations

from typing import Final

_METRES: Final = {"km": "kilometre", "m": "metre", "cm": "centimetre", "mm": "millimetre", "nm": "nanometre"}
_REGULAR: Final = _METRES | {
    "kg": "kilogram", "g": "gram", "mg": "milligram", "lb": "pound", "oz": "ounce", "l": "litre", "L": "litre",
    "ml": "millilitre", "mL": "millilitre", "TB": "terabyte", "GB": "gigabyte", "MB": "megabyte", "KB": "kilobyte",
    "kB": "kilobyte", "kWh": "kilowatt hour", "kW": "kilowatt", "MW": "megawatt", "W": "watt", "V": "volt",
    "mAh": "milliamp hour", "mi": "mile", "yd": "yard", "hr": "hour", "ms": "millisecond", "s": "second",
    "hPa": "hectopascal", "µm": "micrometre", "μm": "micrometre", "Ω": "ohm", "kΩ": "kilohm",
    "kb": "kilobit", "PB": "petabyte", "GW": "gigawatt", "mA": "milliamp", "mV": "millivolt", "tsp": "teaspoon",
    "tbsp": "tablespoon", "dB": "decibel", "kcal": "kilocalorie", "px": "pixel", "kJ": "kilojoule", "Pa": "pascal",
    "°": "degree",
}  # fmt: skip
UNITS: Final[dict[str, tuple[str, str]]] = {
    **{short: (name, f"{name}s") for short, name in _REGULAR.items()},
    **{f"{short}²": (f"square {name}", f"square {name}s") for short, name in _METRES.items()},
    **{f"{short}³": (f"cubic {name}", f"cubic {name}s") for short, name in _METRES.items()},
    "%": ("percent", "percent"), "‰": ("per mille", "per mille"), "Hz": ("hertz", "hertz"), "kHz": ("kilohertz",) * 2,
    "MHz": ("megahertz",) * 2, "GHz": ("gigahertz",) * 2, "lbs": ("pound", "pounds"), "hrs": ("hour", "hours"),
    "ppm": ("part per million", "parts per million"), "¢": ("cent", "cents"),
    "Mbps": ("megabit per second", "megabits per second"), "Gbps": ("gigabit per second", "gigabits per second"),
    "kbps": ("kilobit per second", "kilobits per second"), "ft": ("foot", "feet"),
    "mph": ("mile per hour", "miles per hour"),
    "fps": ("frame per second", "frames per second"),
    "km/h": ("kilometre per hour", "kilometres per hour"), "m/s": ("metre per second", "metres per second"),
    "°C": ("degree Celsius", "degrees Celsius"), "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "℃": ("degree Celsius", "degrees Celsius"), "℉": ("degree Fahrenheit", "degrees Fahrenheit"),
}  # fmt: skip

PER: Final = {
    **{unit: unit for unit in ("day", "week", "month", "year", "hour", "minute", "second", "person", "user", "night")},
    **{unit: unit for unit in ("piece", "item", "page", "token", "unit", "mile", "child", "word", "sample")},
    "s": "second", "sec": "second", "min": "minute", "h": "hour", "hr": "hour", "d": "day", "wk": "week", "mo": "month",
    "yr": "year", "kg": "kilogram", "g": "gram", "lb": "pound", "oz": "ounce", "L": "litre", "ml": "millilitre",
    "GB": "gigabyte", "MB": "megabyte", "kWh": "kilowatt hour", "km": "kilometre", "m²": "square metre",
    "m³": "cubic metre", "m": "metre",
}  # fmt: skip
"""What may stand after a stroke behind a measure."""

CURRENCIES: Final[dict[str, tuple[str, str]]] = {
    "$": ("dollar", "cent"), "US$": ("US dollar", "cent"), "€": ("euro", "cent"), "£": ("pound", "penny"),
    "¥": ("yuan", ""), "₩": ("won", ""), "₹": ("rupee", ""), "USD": ("US dollar", "cent"), "EUR": ("euro", "cent"),
    "GBP": ("pound", "penny"), "CNY": ("yuan", ""), "RMB": ("yuan", ""), "JPY": ("yen", ""),
}  # fmt: skip
"""Name, and the name of its hundredth where that is spoken of."""

SCALES: Final = {
    "thousand": "thousand", "million": "million", "billion": "billion", "trillion": "trillion",
    "bn": "billion", "tn": "trillion", "t": "trillion",
    "k": "thousand", "m": "million", "b": "billion", "x": "times",
}  # fmt: skip
