from ltc.analytics.api.views import FunnelView, MetricRowsView, MetricsView, MetricView
from ltc.api.routers import router

CODE = r"(?P<code>[A-Za-z0-9_.\[\]]{1,60})"

router.add("metrics", MetricsView)
router.add(f"metrics/{CODE}", MetricView)
router.add(f"metrics/{CODE}/rows", MetricRowsView)
router.add("funnel", FunnelView)
