const size = { width: 72, height: 18 }

/** Shares (0–1) over days, zero at the foot; a day of nothing is a gap. The numbers stand beside it. */
export function Sparkline({
  values,
  className,
}: {
  values: readonly (number | null)[]
  className?: string | undefined
}) {
  const x = (at: number) => 2 + (at / Math.max(1, values.length - 1)) * (size.width - 6)
  const y = (value: number) => 2 + (1 - value) * (size.height - 4)
  const runs: string[][] = [[]]
  for (const [at, value] of values.entries()) {
    if (value === null) runs.push([])
    else runs.at(-1)?.push(`${x(at).toFixed(1)},${y(value).toFixed(1)}`)
  }
  const last = values.findLastIndex(value => value !== null)
  return (
    <svg viewBox={`0 0 ${size.width} ${size.height}`} className={className} aria-hidden>
      {runs.map(run =>
        run.length > 1 ? (
          <polyline key={run[0]} points={run.join(' ')} />
        ) : run[0] ? (
          <circle key={run[0]} cx={run[0].split(',')[0]} cy={run[0].split(',')[1]} r="1" />
        ) : null,
      )}
      {last >= 0 ? <circle cx={x(last)} cy={y(values[last] ?? 0)} r="2" /> : null}
    </svg>
  )
}
