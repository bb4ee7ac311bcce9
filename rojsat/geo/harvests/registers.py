"""Public registers of harvests: what their files call things, what their dates mean, and who has to be named.

Swedish attributes: `Avvdatum`, `Avverktyp`, `Kalladatum` and others as public readers of the layer list them (the layer
`UtfordAvverkningYta` of sksUtfordAvverk.gpkg, 1,381,787 polygons, 94 % of them `Föryngringsavverkning`; areas come from
differences of satellite images); licence: Skogsstyrelsen, Villkor för nyttjande av Skogsstyrelsens geodata. Finnish
attributes and codes: the layer `forestusedeclaration` of Metsäkeskus' WFS and files MKI_*.gpkg, and the list
`CuttingPurposeType` of the forest data standard (KOOD V35) as public readers quote it; licence: Metsäkeskus, Open
forest and nature information. Files call their columns in capitals or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

FELLED, DECLARED = "felled", "declared"
"""What a date says. Felled: by then. Declared: not before then, and perhaps never."""


@dataclass(frozen=True)
class Register:
    """What a register's files call things.

    Attributes:
        source: who has to be named.
        licence: of the data.
        layer: of a file with several.
        date: column with the date of a harvest.
        means: what that date says, `FELLED` or `DECLARED`.
        kind: column with the kind of a harvest.
        regeneration: its values for harvests after which a new stand grows; all others leave the stand standing.
    """

    source: str
    licence: str
    layer: str
    date: str
    means: str
    kind: str
    regeneration: tuple[str, ...]


REGISTERS: Mapping[str, Register] = {
    "utford_avverkning": Register(
        source="Skogsstyrelsen, Utförda avverkningar",
        licence="CC BY 4.0",
        layer="UtfordAvverkningYta",
        date="avvdatum",
        means=FELLED,
        kind="avverktyp",
        regeneration=("Föryngringsavverkning",),
    ),
    "forest_use_declaration": Register(
        source="Metsäkeskus, Metsänkäyttöilmoitukset",
        licence="CC BY 4.0",
        layer="forestusedeclaration",
        date="declarationarrivaldate",
        means=DECLARED,
        kind="cuttingpurpose",
        regeneration=("3",),
    ),
}
"""The registers by name: completed fellings of Sweden, forest use declarations of Finland."""
