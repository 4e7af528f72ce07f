/** Lists and scans. */
import { readLists } from './reads/list.js'
import { onFile } from './reads/on-file.js'

await onFile(readLists)
