'use client'
import type { ImportDetail, ImportMapping, ImportPreview } from '@/contract/v1/imports'
import { Checkbox } from '../ui/checkbox'
import { SelectField } from '../ui/select-field'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './import.module.css'

interface Props {
  detail: ImportDetail
  mapping: ImportMapping | null
  preview: ImportPreview | null
  /** Rows are in already: the rest comes in the same way. */
  locked: boolean
  onChange: (mapping: ImportMapping) => void
}

/** Which column is what, and what the first rows become of it. */
export function MappingForm({ detail, mapping, preview, locked, onChange }: Props) {
  const columns = mapping?.as === 'columns' ? mapping.columns : {}
  const choose = (field: string, column: string) => {
    const { [field]: _, ...others } = columns
    onChange({ as: 'columns', columns: column ? { ...others, [field]: column } : others })
  }
  return (
    <div className={styles.mapping}>
      {mapping?.as === 'pictures' ? null : locked ? (
        <p className={styles.lead}>A part of this file is in. The rest comes in by the same columns.</p>
      ) : (
        <>
          {detail.payloadRows ? (
            <Checkbox
              label="Each line is an item already"
              hint="It has the fields of this task, so no column has to be named."
              checked={mapping?.as === 'payload'}
              onChange={as => onChange(as ? { as: 'payload' } : { as: 'columns', columns: {} })}
            />
          ) : null}
          {mapping?.as === 'payload' ? null : (
            <div className={styles.fields}>
              {detail.fields.map(field => (
                <SelectField
                  key={field.id}
                  label={field.label}
                  note={field.required ? undefined : 'Optional'}
                  hint={field.hint ?? undefined}
                  value={columns[field.id] ?? ''}
                  options={[
                    { value: '', label: field.required ? 'Choose a column' : 'None' },
                    ...detail.columns.map(column => ({ value: column, label: column })),
                  ]}
                  onChange={event => choose(field.id, event.target.value)}
                />
              ))}
            </div>
          )}
        </>
      )}
      {preview ? <Preview preview={preview} pictures={mapping?.as === 'pictures'} /> : null}
    </div>
  )
}

function Preview({ preview, pictures }: { preview: ImportPreview; pictures: boolean }) {
  const noun = pictures ? 'file' : 'row'
  return (
    <>
      <p className={styles.lead} role="status">
        {preview.refused === 0
          ? pictures
            ? `${preview.lookedAt === 1 ? 'One file is' : `The first ${preview.lookedAt} files are`} looked at one by one; what is no picture is refused by its name.`
            : `The first ${preview.lookedAt} ${preview.lookedAt === 1 ? 'row' : 'rows'} can come in.`
          : `Of the first ${preview.lookedAt} ${noun}s ${preview.refused} would be refused; all others come in.`}
      </p>
      <Table caption="The first rows as items">
        <thead>
          <tr>
            <Th numeric>{pictures ? 'Number' : 'Line'}</Th>
            <Th>Item</Th>
            {pictures ? null : (
              <>
                <Th>Your id</Th>
                <Th>Group</Th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map(row => (
            <Tr key={row.line}>
              <Td numeric>{row.line}</Td>
              <Td>
                {row.problem ? (
                  <span className={styles.problem}>{row.problem.detail}</span>
                ) : (
                  <span className={styles.item} dir="auto">
                    {row.title === row.text ? null : <strong>{row.title}</strong>}
                    <span>{row.text}</span>
                  </span>
                )}
              </Td>
              {pictures ? null : (
                <>
                  <Td>{row.externalId}</Td>
                  <Td>{row.groupId}</Td>
                </>
              )}
            </Tr>
          ))}
        </tbody>
      </Table>
    </>
  )
}
