"""The bundled PostgreSQL and Valkey, and the processes of a development machine, the demo and the tests.

Imports nothing else of the product, so that it runs before there is a database or a setting.
"""
