/** Draws a plot with uPlot. Loaded when there is something to draw, so that the first page stays light. */
import UPlot from 'uplot'
import {
  heights,
  lonely,
  strokeAt,
  tickText,
  tickTimeText,
  timeTicks,
  type Layer,
  type Line,
  type Picture,
} from './plot.ts'

/** In CSS pixels. */
const height = 260
const axisFont = '12px system-ui, sans-serif'

/** Colours as the page has them now; a canvas can't follow custom properties itself. */
class Palette {
  readonly #target: HTMLElement
  readonly #known = new Map<string, string>()

  /** @param target where the colours are used */
  constructor(target: HTMLElement) {
    this.#target = target
  }

  /** What a colour of CSS comes to, such as `var(--accent)`: it may hold `light-dark(…)`, and only a real property tells which. */
  of(colour: string): string {
    const known = this.#known.get(colour) ?? this.#read(colour)
    this.#known.set(colour, known)
    return known
  }

  #read(colour: string): string {
    const probe = document.createElement('span')
    this.#target.append(probe)
    probe.style.color = colour
    const read = getComputedStyle(probe).color
    probe.remove()
    return read
  }
}

/** A plot in the page. */
export class PlotCanvas {
  readonly #target: HTMLElement
  readonly #plot: UPlot
  readonly #watchers: readonly (() => void)[]
  #picture: Picture
  #palette: Palette
  /** The lines that the plot has been told of. */
  #drawn: readonly Line[]

  /** @param target gets as wide as its parent lets it, and is followed */
  constructor(target: HTMLElement, picture: Picture) {
    this.#target = target
    this.#picture = picture
    this.#palette = new Palette(target)
    this.#drawn = picture.lines
    this.#plot = new UPlot(this.#options(), this.#values(), target)
    this.#watchers = [this.#followWidth(), this.#followTheme()]
  }

  /** Draws another state of it. @param chosen the sample under the crosshair */
  show(picture: Picture, chosen: number | undefined): void {
    this.#picture = picture
    this.#followLines()
    this.#plot.setData(this.#values())
    const time = chosen === undefined ? undefined : picture.times[chosen]
    const left = time === undefined ? -10 : this.#plot.valToPos(time, 'x')
    this.#plot.setCursor({ left, top: time === undefined ? -10 : 0 })
  }

  /** The time at a place in the window. @param clientX as in a pointer's event */
  timeAt(clientX: number): number {
    return this.#plot.posToVal(clientX - this.#plot.over.getBoundingClientRect().left, 'x')
  }

  destroy(): void {
    for (const stop of this.#watchers) stop()
    this.#plot.destroy()
  }

  #values(): UPlot.AlignedData {
    const { times, lines, layers } = this.#picture
    // The highest is drawn first, and each of the others over what of it is below.
    if (layers) return [[...times], ...heights(lines).reverse()]
    return [[...times], ...lines.map(({ values }) => [...values])]
  }

  /** Draws other lines from now on, if others are there. */
  #followLines(): void {
    const { lines } = this.#picture
    const isDrawn = ({ name, stroke }: Line, index: number): boolean =>
      stroke === this.#drawn[index]?.stroke && (!this.#picture.layers || name === this.#drawn[index].name)
    if (lines.length === this.#drawn.length && lines.every(isDrawn)) return
    for (let left = this.#drawn.length; left > 0; left -= 1) this.#plot.delSeries(1)
    for (const [index, options] of this.#lines().entries()) this.#plot.addSeries(options, index + 1)
    this.#drawn = lines
  }

  #options(): UPlot.Options {
    return {
      width: this.#target.clientWidth,
      height,
      ms: 1,
      padding: [16, 20, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        // The part moves the crosshair, by pointer and by keyboard alike.
        bind: { mousemove: none, mouseenter: none, mouseleave: none, mousedown: none, dblclick: none },
      },
      scales: {
        x: { time: false, range: () => [this.#picture.start, this.#picture.end] },
        y: {
          // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- uPlot's enum is there for types alone
          distr: this.#picture.isLogarithmic ? 3 : 1,
          range: () => [this.#picture.bottom, this.#picture.top],
        },
      },
      axes: [this.#timeAxis(), this.#valueAxis()],
      series: [{}, ...this.#lines()],
      hooks: {
        draw: [
          () => {
            this.#drawLimit()
          },
        ],
      },
    }
  }

  #timeAxis(): UPlot.Axis {
    return {
      ...this.#axis(),
      size: 28,
      splits: () => timeTicks(this.#picture),
      values: (_, times) => times.map((time) => tickTimeText(time, this.#picture)),
      grid: { show: false },
    }
  }

  #valueAxis(): UPlot.Axis {
    return {
      ...this.#axis(),
      size: 72,
      splits: () => [...this.#picture.ticks],
      filter: (_, ticks) => ticks,
      values: (_, values) => values.map((value) => tickText(value, this.#picture.unit)),
    }
  }

  #axis(): UPlot.Axis {
    const line = { stroke: () => this.#palette.of('var(--line)'), width: 1 }
    return {
      font: axisFont,
      stroke: () => this.#palette.of('var(--muted)'),
      grid: line,
      ticks: { ...line, size: 4 },
    }
  }

  #lines(): UPlot.Series[] {
    const paths = this.#picture.isStepped ? UPlot.paths.stepped?.({ align: 1 }) : undefined
    const { lines, layers } = this.#picture
    const series = layers
      ? layers.map((layer) => this.#area(layer)).reverse()
      : lines.map((line, index) => this.#line(line, index))
    return series.map((options) => ({ ...options, ...(paths ? { paths } : {}) }))
  }

  #line({ stroke: place }: Line, index: number): UPlot.Series {
    const { colour, width, dash } = strokeAt(place)
    const stroke = () => this.#palette.of(`var(${colour})`)
    return {
      width,
      dash: [...dash],
      stroke,
      ...(place === 0
        ? { fill: () => this.#palette.of('color-mix(in srgb, var(--accent) 14%, transparent)') }
        : {}),
      points: {
        size: 5,
        fill: stroke,
        show: false,
        filter: () => lonely(this.#picture.lines[index]?.values ?? []),
      },
    }
  }

  /** From the ground up; its edge is bare, so that two in one colour are two. */
  #area({ colour, isHatched = false }: Layer): UPlot.Series {
    return {
      width: 1,
      stroke: () => this.#palette.of('var(--ground)'),
      fill: ({ ctx }) => (isHatched ? this.#hatch(ctx, colour) : this.#palette.of(colour)),
      points: { show: false },
    }
  }

  /** Stripes that rise to the right. */
  #hatch(ctx: CanvasRenderingContext2D, colour: string): CanvasPattern | string {
    const side = 6 * devicePixelRatio
    const tile = new OffscreenCanvas(side, side)
    const pen = tile.getContext('2d')
    if (!pen) return this.#palette.of(colour)
    pen.fillStyle = this.#palette.of(colour)
    pen.fillRect(0, 0, side, side)
    pen.strokeStyle = this.#palette.of('var(--ground)')
    pen.lineWidth = 1.5 * devicePixelRatio
    pen.beginPath()
    for (const x of [-side, 0, side]) {
      pen.moveTo(x - 1, side + 1)
      pen.lineTo(x + side + 1, -1)
    }
    pen.stroke()
    return ctx.createPattern(tile, 'repeat') ?? this.#palette.of(colour)
  }

  #drawLimit(): void {
    const { limit } = this.#picture
    if (!limit) return
    const { ctx, bbox } = this.#plot
    const isShown = limit.value <= this.#picture.top
    const y = isShown ? this.#plot.valToPos(limit.value, 'y', true) : bbox.top
    ctx.save()
    ctx.strokeStyle = ctx.fillStyle = this.#palette.of(
      limit.kind === 'danger' ? 'var(--fail)' : 'var(--muted)',
    )
    ctx.lineWidth = 1.5 * devicePixelRatio
    ctx.textAlign = 'left'
    ctx.textBaseline = 'alphabetic'
    ctx.font = `600 ${String(12 * devicePixelRatio)}px system-ui, sans-serif`
    if (isShown) {
      ctx.setLineDash([12 * devicePixelRatio, 3 * devicePixelRatio])
      ctx.beginPath()
      ctx.moveTo(bbox.left, y)
      ctx.lineTo(bbox.left + bbox.width, y)
      ctx.stroke()
    }
    const words = isShown ? limit.words : `${limit.words} ↑ far above`
    ctx.fillText(words, bbox.left + 8 * devicePixelRatio, y - 5 * devicePixelRatio)
    ctx.restore()
  }

  #followWidth(): () => void {
    const observer = new ResizeObserver(() => {
      const width = this.#target.clientWidth
      if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height })
    })
    observer.observe(this.#target)
    return () => {
      observer.disconnect()
    }
  }

  #followTheme(): () => void {
    const repaint = (): void => {
      this.#palette = new Palette(this.#target)
      this.#plot.redraw(false)
    }
    const observer = new MutationObserver(repaint)
    observer.observe(document.documentElement, { attributeFilter: ['data-theme', 'data-colour'] })
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', repaint)
    return () => {
      observer.disconnect()
      system.removeEventListener('change', repaint)
    }
  }
}

const none = (): null => null
