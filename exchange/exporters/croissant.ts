import type { VersionFacts } from '../exporter'

/** A file of the folder that a Croissant description names. */
export interface CroissantFile {
  /** Relative to the folder. */
  path: string
  mediaType: string
  bytes: number
  sha256: string
}

interface Column {
  name: string
  dtype: string
}

const dataTypes: Record<string, string> = {
  string: 'sc:Text',
  int32: 'sc:Integer',
  int64: 'sc:Integer',
  float64: 'sc:Float',
  bool: 'sc:Boolean',
  'timestamp[us, tz=UTC]': 'sc:DateTime',
}

/**
 * A Croissant 1.0 description (http://mlcommons.org/croissant/1.0): each file with its SHA-256, each split as a record
 * set. Pictures are named in the records by `file_name`; their column is no field.
 */
export function croissantOf(
  facts: VersionFacts,
  columns: readonly Column[],
  files: readonly (CroissantFile & { split: string })[],
): Uint8Array {
  const fields = columns.filter(column => column.dtype !== 'image')
  const named = files.some(file => file.mediaType === 'application/jsonlines')
    ? [{ name: 'file_name', dtype: 'string' }, ...fields]
    : fields
  const description = {
    '@context': context,
    '@type': 'sc:Dataset',
    name: facts.dataset,
    description: facts.description || `${facts.name}, version ${facts.number}`,
    conformsTo: 'http://mlcommons.org/croissant/1.0',
    license: facts.licence ?? 'Not stated',
    url: `urn:sha256:${facts.contentSha256}`,
    // A version may move rows between splits, which is a new major version.
    version: `${facts.number}.0.0`,
    creator: { '@type': 'Organization', name: facts.projectName },
    datePublished: facts.frozenAt.slice(0, 10),
    citeAs: `${facts.projectName}: ${facts.name}, version ${facts.number}, SHA-256 ${facts.contentSha256}`,
    distribution: files.map(file => ({
      '@type': 'cr:FileObject',
      '@id': file.path,
      name: file.path,
      contentUrl: file.path,
      contentSize: `${file.bytes} B`,
      encodingFormat: file.mediaType,
      sha256: file.sha256,
    })),
    recordSet: files.map(file => ({
      '@type': 'cr:RecordSet',
      '@id': file.split,
      name: file.split,
      field: named.map(({ name, dtype }) => ({
        '@type': 'cr:Field',
        '@id': `${file.split}/${name}`,
        name,
        // In JSON it is text, and readers that know times by the name of a column make it one.
        dataType: name === 'decided_at' ? 'sc:DateTime' : (dataTypes[dtype] ?? 'sc:Text'),
        source: { fileObject: { '@id': file.path }, extract: { column: name } },
      })),
    })),
  }
  return Buffer.from(`${JSON.stringify(description, null, 2)}\n`)
}

/** As the specification of Croissant 1.0 gives it. */
const context = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  cr: 'http://mlcommons.org/croissant/',
  rai: 'http://mlcommons.org/croissant/RAI/',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  equivalentProperty: 'cr:equivalentProperty',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileProperty: 'cr:fileProperty',
  fileObject: 'cr:fileObject',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  parentField: 'cr:parentField',
  path: 'cr:path',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  samplingRate: 'cr:samplingRate',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
}
