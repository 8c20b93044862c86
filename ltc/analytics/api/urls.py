from ltc.analytics.api.process import ProcessesView, ProcessRowsView, ProcessView
from ltc.analytics.api.views import FunnelView, MetricRowsView, MetricsView, MetricView
from ltc.api.routers import router

CODE = r"(?P<code>[A-Za-z0-9_.\[\]]{1,60})"

router.add("metrics", MetricsView)
router.add(f"metrics/{CODE}", MetricView)
router.add(f"metrics/{CODE}/rows", MetricRowsView)
router.add("funnel", FunnelView)
router.add("process", ProcessesView)
router.add(r"process/(?P<code>[a-z_]{1,40})", ProcessView)
router.add(r"process/(?P<code>[a-z_]{1,40})/rows", ProcessRowsView)
