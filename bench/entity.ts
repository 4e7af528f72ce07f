/** Reading one entity. */
import { readEntities } from './reads/entity.js'
import { onFile } from './reads/on-file.js'

await onFile(readEntities)
