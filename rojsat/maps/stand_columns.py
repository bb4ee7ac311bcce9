"""What the columns of the list of stands mean, in words."""

from typing import NamedTuple


class StandColumn(NamedTuple):
    """A column of the list of stands.

    Attributes:
        means: in words.
        english: its name for people.
        swedish: the same in Swedish.
        number: how a spreadsheet writes its numbers; empty: texts.
    """

    means: str
    english: str
    swedish: str
    number: str = ""

    @property
    def alias(self) -> str:
        """Its name in both languages, as QGIS shows it."""
        return f"{self.english} / {self.swedish}"


HECTARES, DEGREE, SHARE = "0.00", "0.00", "0%"

COLUMNS = {
    "rank": StandColumn(
        "1 is visited first. Stands that look cleared already come last; stands that are not seen have none",
        "Rank",
        "Turordning",
        "0",
    ),
    "region": StandColumn("the stand's id in the file of the outlines", "Stand", "Bestånd"),
    "area_ha": StandColumn(
        "its area in hectares, on the ellipsoid whatever the coordinate system", "Area, ha", "Areal, ha", HECTARES
    ),
    "need_ha": StandColumn(
        "hectares in need: seen pixels whose degree is above the model's threshold",
        "In need, ha",
        "Behov, ha",
        HECTARES,
    ),
    "need_low_ha": StandColumn(
        "the same if all its degrees are too high by as much as the interval allows",
        "In need at least, ha",
        "Behov minst, ha",
        HECTARES,
    ),
    "need_high_ha": StandColumn(
        "the same if all its degrees are too low by as much", "In need at most, ha", "Behov mest, ha", HECTARES
    ),
    "degree_mean": StandColumn("mean degree of its seen pixels, 0 none to 1 much", "Mean degree", "Medelgrad", DEGREE),
    "degree_p90": StandColumn(
        "the degree that a tenth of its seen pixels exceed",
        "90th percentile of degree",
        "Grad, 90:e percentilen",
        DEGREE,
    ),
    "degree_low": StandColumn(
        "lower end of the interval of the mean; empty: the model promises none",
        "Mean degree from",
        "Medelgrad från",
        DEGREE,
    ),
    "degree_high": StandColumn("upper end of the interval of the mean", "Mean degree to", "Medelgrad till", DEGREE),
    "seen": StandColumn("share of its pixels that are seen on some date", "Share seen", "Andel synlig", SHARE),
    "outside": StandColumn(
        "share of the seen pixels that lie far outside those that the model was trained on",
        "Share unlike training",
        "Andel olik träningen",
        SHARE,
    ),
    "trained_on": StandColumn(
        "share of its area in the boxes of regions that the model was trained on: there the map repeats what it was "
        "shown; empty: not known",
        "Share trained on",
        "Andel tränad på",
        SHARE,
    ),
    "last_clear": StandColumn(
        "the last day on which, or later, half of it is seen", "Last clear day", "Senaste klara dag", "yyyy-mm-dd"
    ),
    "already_cleared": StandColumn(
        "whether its canopy fell between two dates by more than that of the other stands; empty: there are no two "
        "clear dates of one season, or too few stands to compare with",
        "Looks cleared already",
        "Ser redan röjt ut",
    ),
    "years_left": StandColumn(
        "years until the best time for clearing ends, from its height or age; negative: it has ended",
        "Years left at the best time",
        "År kvar av bästa tiden",
        "0.0",
    ),
    "waiting_cost_eur": StandColumn(
        "what clearing its hectares in need costs more for each year of waiting after the best time, euros",
        "Cost of waiting, € a year",
        "Kostnad för att vänta, € per år",
        "#,##0",
    ),
    "visit": StandColumn(
        "the sequence of the visits that narrow the total of the hectares in need most",
        "Visit number",
        "Besök nummer",
        "0",
    ),
    "note": StandColumn("not seen, not covered, less than half seen, or when it was cleared", "Note", "Anmärkning"),
}
"""By name, in their sequence; `years_left` and `waiting_cost_eur` only where the outlines have heights or ages."""
