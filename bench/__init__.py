"""How fast the product is for a tenant with 200,000 leads among 1,000 tenants: ratios, measured side by side in one run.

./dev bench             loads a database of its own (once), measures, prints, and fails if a target is missed
./dev bench --small     a few thousand rows and a few rounds: shows that it runs, and says nothing of speed
./dev bench --fresh     loads the database anew
"""
