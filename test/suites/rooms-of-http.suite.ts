import { importSuite } from './import-tests.ts'

importSuite(import.meta.filename)
