from ltc.analytics.api.views import FunnelView, MetricsView, MetricView
from ltc.api.routers import router

router.add("metrics", MetricsView)
router.add("metrics/(?P<code>[a-z_.]{1,60})", MetricView)
router.add("funnel", FunnelView)
