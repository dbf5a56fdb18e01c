// The parts of ECharts that we use, registered once.
import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts'
import {
  AxisPointerComponent,
  GridComponent,
  MarkLineComponent,
  MarkPointComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components'
import { connect, init, use } from 'echarts/core'
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers'

use([
  ...[LineChart, ScatterChart, BarChart, HeatmapChart, CustomChart],
  ...[GridComponent, TooltipComponent, AxisPointerComponent, VisualMapComponent],
  ...[MarkLineComponent, MarkPointComponent, CanvasRenderer, SVGRenderer],
])

export type { ECharts, EChartsCoreOption } from 'echarts/core'
export { connect, init }
