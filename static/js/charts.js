// Draws each <figure data-chart="ID"> from the JSON in the element of that ID: what the page means,
// in the words of Apache ECharts. Here it is decided what a chart looks like: the page's colours,
// light or dark, its language's numbers, and no movement for those who want none. The library is
// fetched only where there is something to draw; each chart's table is on the page besides.

const figures = document.querySelectorAll("figure[data-chart]");
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const language = document.documentElement.lang || "en";

if (figures.length) {
  const { library } = document.querySelector("script[data-library]").dataset;
  import(library).then(({ init }) => figures.forEach((figure) => show(figure, init)));
}

function show(figure, init) {
  const told = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const chart = init(figure, null, { renderer: "svg" });
  const draw = () => chart.setOption(dressed(told, figure), true);
  draw();
  chart.on("click", ({ data }) => {
    if (data && data.url) {
      window.location.assign(data.url);
    }
  });
  new ResizeObserver(() => chart.resize()).observe(figure);
  // The switch between light and dark is a class of the root.
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["class"] });
  still.addEventListener("change", draw);
}

function dressed(told, figure) {
  const look = looks(figure);
  const write = writer(told.unit, told.currency);
  const option = told.option;
  const isNarrow = figure.clientWidth < 480;
  return {
    ...option,
    animation: !still.matches,
    animationDuration: 300,
    aria: { enabled: false },
    color: look.colours,
    textStyle: { fontFamily: look.font, color: look.ink },
    grid: { left: 8, right: 16, top: option.legend && option.legend.show !== false ? 40 : 16, bottom: 8, containLabel: true },
    legend: option.legend && { ...option.legend, type: "plain", top: 0, left: 0, textStyle: { color: look.ink }, itemWidth: 14, itemHeight: 10 },
    tooltip: option.tooltip && {
      ...option.tooltip,
      renderMode: "richText",
      confine: true,
      backgroundColor: look.surface,
      borderColor: look.line,
      textStyle: { color: look.ink, fontFamily: look.font, fontSize: 12 },
      valueFormatter: write.whole,
      ...(tooltipOf(option, write) && { formatter: tooltipOf(option, write) }),
    },
    xAxis: axes(option.xAxis, look, write, isNarrow),
    yAxis: axes(option.yAxis, look, write, isNarrow, option.series[0] && option.series[0].type === "scatter"),
    visualMap: option.visualMap && { ...option.visualMap, inRange: { color: [look.surface, look.colours[0]] } },
    series: option.series.map((series) => seriesOf(series, look, write, isNarrow)),
  };
}

function looks(figure) {
  const style = getComputedStyle(figure);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    colours: [1, 2, 3, 4, 5, 6].map((number) => read(`--chart-${number}`)),
    ink: read("--chart-ink"),
    line: read("--chart-line"),
    surface: read("--chart-surface"),
    font: style.fontFamily,
  };
}

// Numbers as the page's language writes them: in full, and short for axes.
function writer(unit, currency) {
  const styles = {
    money: { style: "currency", currency, currencyDisplay: "narrowSymbol" },
    share: { style: "percent", maximumFractionDigits: 1 },
    number: {},
  };
  const full = new Intl.NumberFormat(language, styles[unit]);
  const short = new Intl.NumberFormat(language, {
    ...styles[unit],
    notation: "compact",
    minimumFractionDigits: 0,
    maximumFractionDigits: 1,
  });
  return {
    isWhole: unit === "number",
    whole: (value) => (value === null || value === undefined ? "–" : full.format(value)),
    short: (value) => short.format(value),
  };
}

function axes(axis, look, write, isNarrow, isWide = false) {
  if (!axis) {
    return undefined;
  }
  return Array.isArray(axis)
    ? axis.map((one, place) => axisOf({ ...one, isSecond: place > 0 }, look, write, isNarrow, isWide))
    : axisOf(axis, look, write, isNarrow, isWide);
}

function axisOf(axis, look, write, isNarrow, isWide) {
  const isValue = axis.type === "value";
  const { isSecond, ...told } = axis;
  return {
    ...told,
    ...(isValue && write.isWhole && { minInterval: 1 }),
    nameTextStyle: { color: look.ink },
    nameLocation: "middle",
    nameGap: isValue ? 28 : 80,
    ...(axis.name && !isValue && { name: undefined }),
    axisLine: { lineStyle: { color: look.line } },
    axisTick: { show: false },
    splitLine: { show: isValue && !isSecond, lineStyle: { color: look.line } },
    axisLabel: {
      color: look.ink,
      hideOverlap: true,
      // Circles at the axis would cover its names.
      ...(isWide && { margin: 32 }),
      ...(isValue && { formatter: write.short }),
      ...(!isValue && { width: isNarrow ? 84 : 150, overflow: "truncate" }),
    },
  };
}

function seriesOf(series, look, write, isNarrow) {
  const own = {
    line: { symbolSize: 5, lineStyle: { width: 2 }, showSymbol: series.data.length < 40 },
    bar: { barMaxWidth: 36 },
    funnel: {
      top: 8,
      bottom: 8,
      left: isNarrow ? "2%" : "10%",
      width: "60%",
      gap: 3,
      label: {
        position: "right",
        color: look.ink,
        formatter: ({ name, value }) => `${name} ${write.whole(value)}`,
      },
      labelLine: { lineStyle: { color: look.line } },
      itemStyle: { borderWidth: 0 },
    },
    heatmap: { itemStyle: { borderColor: look.surface, borderWidth: 1 } },
    scatter: { itemStyle: { opacity: 0.75 }, cursor: "pointer" },
    sankey: {
      left: 8,
      right: isNarrow ? 90 : 140,
      top: 8,
      bottom: 8,
      label: { color: look.ink, formatter: ({ name }) => name.trim() },
      lineStyle: { color: "gradient", opacity: 0.35 },
      emphasis: { focus: "adjacency" },
    },
  };
  return { ...series, ...own[series.type] };
}

function tooltipOf(option, write) {
  const sorts = {
    heatmap: ({ value: [x, y, number] }) =>
      `${option.yAxis.data[y]} ${option.xAxis.data[x]}: ${write.whole(number)}`,
    scatter: ({ seriesName, value: [x, y, number] }) =>
      `${seriesName}: ${write.whole(number)}\n${option.xAxis.name}: ${x}\n${option.yAxis.data[y]}`,
    sankey: ({ dataType, data, name, value }) =>
      dataType === "edge"
        ? `${data.source.trim()} → ${data.target}: ${write.whole(data.value)}`
        : `${name.trim()}: ${write.whole(value)}`,
    funnel: ({ name, value }) => `${name}: ${write.whole(value)}`,
  };
  return sorts[option.series[0].type];
}
