/** Draws a plot with uPlot. Loaded when there is something to draw, so that the first page stays light. */
import UPlot from 'uplot'
import { lonely, strokeAt, tickText, tickTimeText, timeTicks, type Line, type Picture } from './plot.ts'

/** In CSS pixels. */
const height = 260
const axisFont = '12px system-ui, sans-serif'

/** As the page's custom properties have them now; a canvas can't follow those itself. */
type Palette = Record<'--accent' | '--text' | '--muted' | '--line' | '--ground' | '--fail' | 'fill', string>

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
    this.#palette = readPalette(target)
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
    const { times, lines } = this.#picture
    return [[...times], ...lines.map(({ values }) => [...values])]
  }

  /** Draws other lines from now on, if others are there. */
  #followLines(): void {
    const { lines } = this.#picture
    const isSame = lines.length === this.#drawn.length
    if (isSame && lines.every(({ stroke }, index) => stroke === this.#drawn[index]?.stroke)) return
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
        y: { range: () => [0, this.#picture.top] },
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
      values: (_, values) => values.map((value) => tickText(value, this.#picture.unit)),
    }
  }

  #axis(): UPlot.Axis {
    const line = { stroke: () => this.#palette['--line'], width: 1 }
    return { font: axisFont, stroke: () => this.#palette['--muted'], grid: line, ticks: { ...line, size: 4 } }
  }

  #lines(): UPlot.Series[] {
    const paths = this.#picture.isStepped ? UPlot.paths.stepped?.({ align: 1 }) : undefined
    return this.#picture.lines.map(({ stroke: place }, index) => {
      const { colour, width, dash } = strokeAt(place)
      const stroke = () => this.#palette[colour]
      return {
        width,
        dash: [...dash],
        stroke,
        ...(paths ? { paths } : {}),
        ...(place === 0 ? { fill: () => this.#palette.fill } : {}),
        points: {
          size: 5,
          fill: stroke,
          show: false,
          filter: () => lonely(this.#picture.lines[index]?.values ?? []),
        },
      }
    })
  }

  #drawLimit(): void {
    const { limit } = this.#picture
    if (!limit) return
    const { ctx, bbox } = this.#plot
    const isShown = limit.value <= this.#picture.top
    const y = isShown ? this.#plot.valToPos(limit.value, 'y', true) : bbox.top
    ctx.save()
    ctx.strokeStyle = ctx.fillStyle = this.#palette[limit.kind === 'danger' ? '--fail' : '--muted']
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
      this.#palette = readPalette(this.#target)
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

/** A custom property holds `light-dark(…)`; only a real property of an element tells which of the two. */
function readPalette(target: HTMLElement): Palette {
  const probe = document.createElement('span')
  target.append(probe)
  const read = (colour: string): string => {
    probe.style.color = colour
    return getComputedStyle(probe).color
  }
  const palette = {
    '--accent': read('var(--accent)'),
    '--text': read('var(--text)'),
    '--muted': read('var(--muted)'),
    '--line': read('var(--line)'),
    '--ground': read('var(--ground)'),
    '--fail': read('var(--fail)'),
    fill: read('color-mix(in srgb, var(--accent) 14%, transparent)'),
  }
  probe.remove()
  return palette
}
