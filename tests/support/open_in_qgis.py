"""Opens a QGIS project with PyQGIS, prints what it is as JSON and writes it again; or draws it.

Runs in the Python that QGIS is for: `python3 open_in_qgis.py PROJECT AGAIN.qgs [PNG WIDTH HEIGHT [LAYER ...]]`.
"""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QSize


def facts(node):
    """What a layer of the list of layers is."""
    layer = node.layer()
    if layer is None:
        return {"name": node.name(), "valid": False}
    extent, is_raster = layer.extent(), isinstance(layer, QgsRasterLayer)
    legend = [] if is_raster else [entry.label() for entry in layer.renderer().legendSymbolItems()]
    return {
        "name": layer.name(),
        "valid": layer.isValid(),
        "source": layer.source(),
        "crs": layer.crs().authid(),
        "extent": [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()],
        "visible": node.isVisible(),
        "legend": legend,
        "labels": not is_raster and layer.labelsEnabled() and layer.labeling().settings().fieldName,
        "aliases": {} if is_raster else {field.name(): field.alias() for field in layer.fields()},
    }


def draw(project, path, size, names):
    """Draw the visible layers, or those named."""
    settings = QgsMapSettings()
    nodes = project.layerTreeRoot().findLayers()
    settings.setLayers([node.layer() for node in nodes if (node.name() in names if names else node.isVisible())])
    settings.setDestinationCrs(project.crs())
    settings.setOutputSize(QSize(*size))
    settings.setExtent(project.viewSettings().defaultViewExtent())
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    if job.errors() or not job.renderedImage().save(path):
        raise RuntimeError([error.message for error in job.errors()])


def main(path, again, png="", width="800", height="600", *names):
    """Read, describe, write again and draw a project."""
    app = QgsApplication([], True)  # False crashes where labels are drawn
    app.initQgis()
    messages = []
    app.messageLog().messageReceived.connect(lambda text, tag, level: messages.append(f"{tag}: {text}"))
    project = QgsProject.instance()
    read = project.read(path)
    described = {
        "read": read,
        "title": project.title(),
        "abstract": project.metadata().abstract(),
        "crs": project.crs().authid(),
        "groups": [group.name() for group in project.layerTreeRoot().findGroups(True)],
        "layers": [facts(node) for node in project.layerTreeRoot().findLayers()],
        "count": len(project.mapLayers()),
        "messages": messages,
    }
    project.write(again)
    if png:
        draw(project, png, (int(width), int(height)), names)
    print(json.dumps(described))
    sys.stdout.flush()
    os._exit(0)  # QGIS crashes when Python takes its objects apart


if __name__ == "__main__":
    main(*sys.argv[1:])
