import type { Gate, GateResult } from '@/contract/v1/gates'
import { gateWords } from '@/domain/gate-words'
import { GateActions, WaiveGate } from './gate-actions'
import { GateResultRows } from './gate-result'
import styles from './gates.module.css'

interface Props {
  slug: string
  gates: Gate[]
  results: GateResult[]
  metrics: { id: string; label: string }[]
  /** What a new gate begins with; null where the task can’t be measured. */
  first: Gate['rules'] | null
  versions: { id: string; name: string }[]
  may: { manage: boolean; judge: boolean; waive: boolean }
}

/** Of each version the newest result of a gate. */
function newestOf(results: readonly GateResult[], gateId: string): GateResult[] {
  const seen = new Set<string>()
  return results.filter(one => {
    if (one.gate.id !== gateId || seen.has(one.modelVersion.id)) return false
    seen.add(one.modelVersion.id)
    return true
  })
}

/** What versions must pass, and what each was found to be. */
export function GateSection({ slug, gates, results, metrics, first, versions, may }: Props) {
  const labelOf = (id: string) => metrics.find(one => one.id === id)?.label ?? id
  return (
    <section className={styles.gates} aria-labelledby="gates">
      <div className={styles.head}>
        <h2 id="gates">Gates</h2>
        <span className={styles.quiet}>What a version must pass, set down before anybody looks.</span>
      </div>
      {gates.map(gate => {
        const found = newestOf(results, gate.id)
        return (
          <section key={gate.id} className={styles.gate} aria-labelledby={`gate-${gate.id}`}>
            <div className={styles.head}>
              <h3 id={`gate-${gate.id}`}>{gate.name}</h3>
              <span className={styles.quiet}>rules {gate.number}</span>
            </div>
            <details open={found.length === 0 || undefined}>
              <summary>What it asks</summary>
              <ul>
                {gateWords(gate.rules, labelOf).map(line => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </details>
            <GateActions
              slug={slug}
              gate={gate}
              rules={gate.rules}
              metrics={metrics}
              versions={versions}
              may={may}
            />
            {found.length === 0 ? (
              <p className={styles.quiet}>
                No version was judged yet. Evaluate one and what is live on the same frozen version, then
                judge it.
              </p>
            ) : (
              <div className={styles.results}>
                {found.map(result => (
                  <GateResultRows
                    key={result.id}
                    result={result}
                    actions={
                      may.waive && result.outcome !== 'pass' && !result.waiver ? (
                        <WaiveGate slug={slug} resultId={result.id} />
                      ) : null
                    }
                  />
                ))}
              </div>
            )}
          </section>
        )
      })}
      {gates.length === 0 ? <p className={styles.quiet}>No gate is set: nothing holds a version.</p> : null}
      {may.manage && first ? (
        <GateActions
          slug={slug}
          gate={null}
          rules={first}
          metrics={metrics}
          versions={[]}
          may={{ manage: true, judge: false }}
        />
      ) : null}
    </section>
  )
}
