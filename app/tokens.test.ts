import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

type Rgb = [number, number, number]

const css = readFileSync(path.join(import.meta.dirname, 'tokens.css'), 'utf8')

/** OKLCH to linear sRGB, clipped to what a screen shows. Matrices: Ottosson, “A perceptual color space for image processing”, 2020. */
function linearRgb(lightness: number, chroma: number, hueDeg: number): Rgb {
  const hue = (hueDeg * Math.PI) / 180
  const a = chroma * Math.cos(hue)
  const b = chroma * Math.sin(hue)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const clip = (value: number) => Math.min(1, Math.max(0, value))
  return [
    clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}

function colour(token: string, theme: 'light' | 'dark'): Rgb {
  const value = css.match(new RegExp(`--${token}:\\s*([^;]+);`))?.[1]?.trim()
  if (!value) throw new Error(`no token --${token}`)
  const other = value.match(/^var\(--([\w-]+)\)$/)?.[1]
  if (other) return colour(other, theme)
  const pair = [...value.matchAll(/oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)|oklch\(([\d.]+) 0 0\)/g)]
  const picked = pair[theme === 'light' ? 0 : 1]
  if (!picked) throw new Error(`--${token} is not a light-dark pair of oklch colours: ${value}`)
  return linearRgb(Number(picked[1] ?? picked[4]), Number(picked[2] ?? 0), Number(picked[3] ?? 0))
}

/** WCAG 2.2 contrast ratio, 1 to 21. */
function contrast(one: Rgb, two: Rgb): number {
  const luminance = ([r, g, b]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * b
  const [high, low] = [luminance(one), luminance(two)].sort((x, y) => y - x) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

const backgrounds = ['paper', 'surface', 'sunken', 'raised', 'hover', 'selected']
const decisions = ['accept', 'correct', 'reject', 'blind', 'undo', 'caution']

describe.each(['light', 'dark'] as const)('contrast in the %s theme', theme => {
  it('black on white is 21 to 1', () => {
    expect(contrast(linearRgb(1, 0, 0), linearRgb(0, 0, 0))).toBeCloseTo(21, 3)
  })

  it.each(['ink', 'ink-2', 'ink-3', 'accent', ...decisions])('%s reads on every background', text => {
    for (const background of backgrounds) {
      expect(
        contrast(colour(text, theme), colour(background, theme)),
        `on ${background}`,
      ).toBeGreaterThanOrEqual(4.5)
    }
  })

  it.each(decisions)('%s reads on its own tint', decision => {
    expect(contrast(colour(decision, theme), colour(`${decision}-soft`, theme))).toBeGreaterThanOrEqual(4.5)
  })

  it('buttons and toasts read', () => {
    expect(contrast(colour('on-invert', theme), colour('invert', theme))).toBeGreaterThanOrEqual(4.5)
    expect(contrast(colour('on-accent', theme), colour('accent', theme))).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['line-control', 'focus'])('%s stands out as an edge', edge => {
    for (const background of backgrounds) {
      expect(
        contrast(colour(edge, theme), colour(background, theme)),
        `on ${background}`,
      ).toBeGreaterThanOrEqual(3)
    }
  })
})
