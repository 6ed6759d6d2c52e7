import type { DemandPage } from '@/contract/v1/demand'
import { numericErrors } from '@/domain/metrics-numeric'
import { timeWords } from '@/domain/series'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './demand.module.css'
import { numberWords, periodsWords } from './demand-words'

type Row = DemandPage['settled'][number]

/** Under so many rows a comparison says too little. */
const fewest = 30

/** What came of the person's decisions, and who was nearer: the model or they. */
export function Settled({ rows, period }: { rows: readonly Row[]; period: DemandPage['period'] }) {
  const both = rows.filter(
    (row): row is Row & { forecast: number; mine: number } => row.forecast !== null && row.mine !== null,
  )
  const mine = numericErrors(both.map(row => ({ predicted: row.mine, truth: row.outcome })))
  const model = numericErrors(both.map(row => ({ predicted: row.forecast, truth: row.outcome })))
  const nearer = both.map(row =>
    Math.sign(Math.abs(row.mine - row.outcome) - Math.abs(row.forecast - row.outcome)),
  )
  const count = (sign: number) => nearer.filter(one => one === sign).length
  return (
    <section className={styles.settled} aria-labelledby="came-true">
      <h2 id="came-true">What came of it</h2>
      {rows.length === 0 ? (
        <p className={styles.quiet}>
          Nothing yet. Once an outcome arrives, your number and the forecast stand here beside it.
        </p>
      ) : (
        <>
          {mine && model ? (
            <p className={styles.quiet}>
              Of {periodsWords(both.length, period)} with a forecast you were nearer on {count(-1)}, the
              forecast on {count(1)}, and {count(0)} were the same. Mean error: yours {numberWords(mine.mae)},
              the forecast’s {numberWords(model.mae)}.
              {both.length < fewest ? ' Too few to tell who is better.' : ''}
            </p>
          ) : null}
          <Table caption="What came of your decisions">
            <thead>
              <tr>
                <Th>Time</Th>
                <Th numeric>Forecast</Th>
                <Th numeric>Yours</Th>
                <Th numeric>Came to</Th>
                <Th>Nearer</Th>
              </tr>
            </thead>
            <tbody>
              {rows.map(row => (
                <Tr key={row.id}>
                  <Td>{timeWords(row.time)}</Td>
                  <Td numeric>{row.forecast === null ? 'held back' : numberWords(row.forecast)}</Td>
                  <Td numeric>{row.mine === null ? 'none' : numberWords(row.mine)}</Td>
                  <Td numeric>{numberWords(row.outcome)}</Td>
                  <Td>{nearerWords(row)}</Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        </>
      )}
    </section>
  )
}

function nearerWords({ forecast, mine, outcome }: Row): string {
  if (forecast === null || mine === null) return ''
  const lead = Math.abs(mine - outcome) - Math.abs(forecast - outcome)
  return lead === 0 ? 'the same' : lead < 0 ? 'you' : 'the forecast'
}
