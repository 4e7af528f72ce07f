/** A fault is to be found, not to be made small: a property ends at its first counterexample and says why. */
import * as fc from 'fast-check'

fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true, includeErrorInReport: true })
