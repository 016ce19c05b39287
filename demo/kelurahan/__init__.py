"""The register of a kelurahan: a file that the secretary keeps in a spreadsheet and saves as CSV, Windows letters and all."""
