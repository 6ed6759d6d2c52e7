import Link from 'next/link'
import type { VersionLineage } from '@/contract/v1/lineage'
import { count } from './dataset-words'
import styles from './version-lineage.module.css'

interface Node {
  title: string
  means: string
  href?: string
  look?: 'here' | 'model'
}

/** Boxes have one height, so that the lines between them are known before anything is drawn. */
const boxPx = 56
const gapPx = 12
const linePx = 40
const stepPx = boxPx + gapPx

const sourcesOf = ({ sources }: VersionLineage, base: string): Node[] => {
  const decided = sources.feedback.reduce((sum, one) => sum + one.rows, 0)
  return [
    ...(decided > 0
      ? [
          {
            title: 'End-user feedback',
            means: `${count(decided, 'decision')} by ${count(sources.people, 'person', 'people')}`,
            href: `${base}/feedback`,
          },
        ]
      : []),
    ...sources.queues.slice(0, 4).map(queue => ({
      title: queue.queue,
      means: `${count(queue.rows, 'row')}, ${queue.strategy}`,
      href: `${base}/queues/${queue.id}/manage`,
    })),
    ...sources.imports.slice(0, 3).map(file => ({
      title: file.fileName,
      means: `brought the items of ${count(file.rows, 'row')}`,
      href: `${base}/import`,
    })),
  ]
}

const targetsOf = ({ of, wentTo }: VersionLineage, base: string): Node[] => [
  ...wentTo.models.slice(0, 4).map(model => ({
    title: `${model.model} ${model.version}`,
    means: model.fromHere
      ? `trained on ${count(model.rows, 'row')}`
      : `learned ${count(model.rows, 'row')} of it`,
    href: `${base}/models`,
    look: 'model' as const,
  })),
  ...wentTo.versions.slice(0, 4).map(version => ({
    title: version.dataset === of.dataset ? `v${version.number}` : `${version.name} v${version.number}`,
    means: `${count(version.rows, 'row')} of the same items${version.why === 'successor' ? '; its successor' : ''}`,
    href: `${base}/datasets/${version.dataset}?v=${version.number}`,
  })),
  ...wentTo.downloads.slice(0, 3).map(({ consumer, times }) => ({
    title: consumer,
    means: `downloaded ${times === 1 ? 'once' : `${times} times`}`,
  })),
]

/** Out of what a version was made, and what was made of it; every box that has a page leads there. */
export function VersionLineageMap({
  lineage,
  project,
  contentSha256,
}: {
  lineage: VersionLineage
  project: string
  contentSha256: string
}) {
  const base = `/p/${project}`
  const columns: { label: string; nodes: Node[] }[] = [
    { label: 'Came from', nodes: sourcesOf(lineage, base) },
    {
      label: 'Recipe',
      nodes: [
        {
          title: 'Selection and rules',
          means: `recipe ${lineage.recipe.slice(0, 8)}${lineage.parent ? `, after v${lineage.parent.number}` : ''}`,
        },
      ],
    },
    {
      label: 'This version',
      nodes: [{ title: `v${lineage.of.number}`, means: contentSha256.slice(0, 8), look: 'here' as const }],
    },
    { label: 'Went to', nodes: targetsOf(lineage, base) },
  ].filter(({ nodes }) => nodes.length > 0)
  const rows = Math.max(...columns.map(({ nodes }) => nodes.length))
  const heightPx = rows * stepPx - gapPx
  return (
    <div className={styles.map} style={{ ['--rows-height' as string]: `${heightPx}px` }}>
      {columns.map(({ label, nodes }, at) => (
        <div key={label} className={styles.part}>
          {at > 0 ? (
            <Lines from={columns[at - 1]?.nodes.length ?? 0} to={nodes.length} heightPx={heightPx} />
          ) : null}
          <ul aria-label={label} className={styles.nodes}>
            {nodes.map(node => (
              <li key={`${node.title} ${node.means}`} className={styles.node} data-look={node.look}>
                {node.href ? <Link href={node.href}>{node.title}</Link> : <strong>{node.title}</strong>}
                <span>{node.means}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  )
}

/** From each box on the left to each on the right; one of the sides is a single box. */
function Lines({ from, to, heightPx }: { from: number; to: number; heightPx: number }) {
  const middle = (at: number, of: number) => (heightPx - (of * stepPx - gapPx)) / 2 + at * stepPx + boxPx / 2
  const paths = Array.from({ length: from }, (_, a) =>
    Array.from({ length: to }, (_, b) => {
      const [y1, y2] = [middle(a, from), middle(b, to)]
      return `M0 ${y1}C${linePx / 2} ${y1} ${linePx / 2} ${y2} ${linePx - 5} ${y2}`
    }),
  ).flat()
  return (
    <svg
      aria-hidden
      className={styles.lines}
      width={linePx}
      height={heightPx}
      viewBox={`0 0 ${linePx} ${heightPx}`}
    >
      {paths.map(path => (
        <path key={path} d={path} />
      ))}
      {Array.from({ length: to }, (_, b) => middle(b, to)).map(y => (
        <path key={y} d={`M${linePx - 9} ${y - 4}l5 4l-5 4`} />
      ))}
    </svg>
  )
}
