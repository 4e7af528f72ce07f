/**
 * Standard Schema, version 1 (https://standardschema.dev): what every validating library has in common.
 *
 * The interface of the specification, as far as it is asked for here; copied, as the specification
 * recommends, so that no package comes along for a type.
 */

/** What validates metadata: a schema of zod, valibot, arktype or any other library that follows the standard. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    /** Never there when the program runs: it carries the types. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
  }
}

/** What a validator answers: its output, or what is wrong. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** One thing that a validator found wrong, and where. */
export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What a validator takes. */
export type InputOf<V extends StandardSchema> = NonNullable<V['~standard']['types']>['input']

/** What a validator gives back. */
export type OutputOf<V extends StandardSchema> = NonNullable<V['~standard']['types']>['output']
