import type { OutcomeScore } from '@/contract/v1/outcomes'
import { enough } from '@/domain/interval'
import { percent } from '@/domain/percent'
import { Table, Td, Th, Tr } from '../ui/table'
import { IntervalLine } from './interval-line'
import styles from './outcome-scores.module.css'

const number = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 3 })
const share = (value: number | null) => (value === null ? 'none: a truth is 0' : percent(value, 1))

/** Errors of model and person on the same rows, and their difference with its interval; over all, then slice by slice. */
export function OutcomeScoreTable({ scores }: { scores: readonly OutcomeScore[] }) {
  const widest = Math.max(
    ...scores.flatMap(({ difference, n }) =>
      n >= enough && difference ? [Math.abs(difference.low ?? 0), Math.abs(difference.high ?? 0)] : [],
    ),
    1e-9,
  )
  const place = (value: number) => (value / widest + 1) / 2
  return (
    <Table caption="Errors of model and person, by slice">
      <thead>
        <tr>
          <Th>Rows</Th>
          <Th numeric>n</Th>
          <Th numeric>MAE model</Th>
          <Th numeric>MAE person</Th>
          <Th numeric>RMSE model</Th>
          <Th numeric>RMSE person</Th>
          <Th numeric>MAPE model</Th>
          <Th numeric>MAPE person</Th>
          <Th aria-label="Difference with its interval" />
          <Th numeric>Person less model</Th>
          <Th>Nearer</Th>
        </tr>
      </thead>
      <tbody>
        {scores.map(({ slice, n, model, person, difference, nearer }) => {
          const known =
            n >= enough && difference !== null && difference.low !== null && difference.high !== null
          return (
            <Tr key={slice ? `${slice.name}=${slice.value}` : 'all'}>
              <Td>{slice ? `${slice.name}: ${slice.value}` : 'All'}</Td>
              <Td numeric>{n.toLocaleString('en')}</Td>
              <Td numeric>{model ? number(model.mae) : ''}</Td>
              <Td numeric>{person ? number(person.mae) : ''}</Td>
              <Td numeric>{model ? number(model.rmse) : ''}</Td>
              <Td numeric>{person ? number(person.rmse) : ''}</Td>
              <Td numeric>{model ? share(model.mape) : ''}</Td>
              <Td numeric>{person ? share(person.mape) : ''}</Td>
              <Td className={styles.line}>
                {known ? (
                  <IntervalLine
                    value={place(difference.value)}
                    low={place(difference.low ?? 0)}
                    high={place(difference.high ?? 0)}
                    few={false}
                  />
                ) : null}
              </Td>
              <Td numeric>
                {difference === null
                  ? ''
                  : known
                    ? `${number(difference.value)} (${number(difference.low ?? 0)} to ${number(difference.high ?? 0)}, ${difference.groups} groups)`
                    : 'too few to tell'}
              </Td>
              <Td>{n === 0 ? '' : `person ${nearer.person}, model ${nearer.model}, same ${nearer.same}`}</Td>
            </Tr>
          )
        })}
      </tbody>
    </Table>
  )
}
