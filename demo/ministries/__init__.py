"""Five ministries' systems in one process, to save memory on a small machine; each is a program of its own in code.

`python -m demo.ministries --data DIR --sekolah PORT --bansos PORT …` starts those whose port is given. The first start
builds every storage from the made-up population, and also what has no program: the licences' database (`demo.sim`)
and the kelurahan's register (`demo.kelurahan`).
"""
