"""Spanish as it is written in the Americas: 38.3 °C, as the thermometer shows it."""

DECIMAL_SEPARATOR = '.'
THOUSAND_SEPARATOR = ','
