import type { AgreementView } from '@/contract/v1/agreement'
import { trustOf } from '@/domain/agreement'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './agreement.module.css'

type Estimate = AgreementView['raw']

const trustWords = {
  good: 'good',
  tentative: 'tentative',
  low: 'too low to rest on',
}
const verdictWords = { good: 'Good', usable: 'Usable', wrong: 'Wrong' }

/** Never “-0.00”. */
const figure = (value: number) => (Math.round(value * 100) / 100 + 0).toFixed(2)

interface OneProps {
  name: string
  means: string
  estimate: Estimate
  items: number
  fewest: number
  /** Whether the bands of the literature apply. */
  trusted?: boolean
}

function One({ name, means, estimate: { value, interval }, items, fewest, trusted }: OneProps) {
  const few = items < fewest
  return (
    <div className={styles.one} data-few={few || undefined}>
      <dt>{name}</dt>
      <dd>
        <strong>{value === null ? 'None' : figure(value)}</strong>{' '}
        {few ? (
          <span>too few to tell</span>
        ) : trusted && value !== null ? (
          <span>{trustWords[trustOf(value)]}</span>
        ) : null}
        <small>
          {interval ? `${figure(interval.low)} to ${figure(interval.high)}, ` : ''}
          {items === 1 ? '1 item' : `${items} items`}
        </small>
        <small>{value === null ? 'Nothing could disagree so far.' : means}</small>
      </dd>
    </div>
  )
}

/** Raw agreement and the coefficients, each with its interval and its n. */
export function AgreementFigures({ view }: { view: AgreementView }) {
  const shared = { items: view.items, fewest: view.fewest }
  return (
    <>
      <dl className={styles.figures}>
        <One name="Raw agreement" means="Equal verdicts among all pairs." estimate={view.raw} {...shared} />
        <One
          name="Krippendorff’s α, nominal"
          means="Good, usable and wrong as three names."
          estimate={view.nominal}
          trusted
          {...shared}
        />
        <One
          name="Krippendorff’s α, ordinal"
          means="Usable lies between good and wrong."
          estimate={view.ordinal}
          trusted
          {...shared}
        />
        <One
          name="α of texts"
          means="By edit distance. Shown, never a gate."
          estimate={{ value: view.text.value, interval: null }}
          items={view.text.items}
          fewest={view.fewest}
        />
      </dl>
      <p className={styles.quiet}>
        α from 0.80 on is good, from 0.667 on tentative. Intervals are 95&nbsp;%, by drawing items anew 400
        times.
      </p>
    </>
  )
}

/** Each verdict against the others. */
export function AgreementLabels({ view }: { view: AgreementView }) {
  const few = view.items < view.fewest
  return (
    <Table caption="Agreement by verdict">
      <thead>
        <tr>
          <Th>Verdict</Th>
          <Th numeric>α against the others</Th>
          <Th numeric>95&nbsp;% interval</Th>
          <Th numeric>Given</Th>
        </tr>
      </thead>
      <tbody>
        {view.labels.map(({ verdict, given, alpha }) => (
          <Tr key={verdict}>
            <Td>{verdictWords[verdict]}</Td>
            <Td numeric>
              {alpha.value === null ? 'none' : figure(alpha.value)}
              {few ? ', too few to tell' : ''}
            </Td>
            <Td numeric>
              {alpha.interval ? `${figure(alpha.interval.low)} to ${figure(alpha.interval.high)}` : ''}
            </Td>
            <Td numeric>{given}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

/** People against people: raw agreement, darker where it is higher, grey where it is of too few. */
export function AgreementPairs({ view }: { view: AgreementView }) {
  const people = [...new Set(view.pairs.flatMap(pair => pair.people))].sort()
  const between = (a: string, b: string) =>
    view.pairs.find(({ people: [x, y] }) => (x === a && y === b) || (x === b && y === a))
  return (
    <Table caption="Agreement between each two people" className={styles.matrix}>
      <thead>
        <tr>
          <Th>
            <span className="visually-hidden">Person</span>
          </Th>
          {people.map(person => (
            <Th key={person} numeric>
              <code>{person}</code>
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {people.map(row => (
          <Tr key={row}>
            <Td>
              <code>{row}</code>
            </Td>
            {people.map(column => {
              const pair = between(row, column)
              if (row === column || !pair)
                return (
                  <Td key={column} numeric>
                    –
                  </Td>
                )
              const few = pair.judged < view.fewest
              return (
                <Td
                  key={column}
                  numeric
                  data-few={few || undefined}
                  style={{ ['--share' as string]: few ? 0 : pair.raw }}
                  className={styles.cell}
                >
                  {figure(pair.raw)}
                  <small>
                    {few
                      ? `too few to tell, ${pair.judged}`
                      : `κ ${pair.kappa.value === null ? 'none' : figure(pair.kappa.value)}, ${pair.judged}`}
                  </small>
                </Td>
              )
            })}
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
