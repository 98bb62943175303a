"""Every error that Whence raises on purpose.

    WhenceError
    ├── DefinitionError      the author of a step or pipeline must act         WH1xx, WH2xx
    │   └── InvalidPipelineError   all faults of one pipeline, in one report
    ├── StepFailedError      a step ran and its result cannot be used           WH3xx
    ├── MaterializationError a value and its stored form do not fit             WH4xx
    ├── StoreError           a store cannot give or keep what it should         WH5xx
    ├── StackError           the settings must be corrected                     WH6xx
    └── UsageError           a name or command means nothing here               WH7xx

Each condition is a class that states its code and its sentences; what is particular to one case
are the keyword facts it is raised with, which fill the sentences and stay readable as
`error.facts`. A step's own exceptions are never wrapped: they are raised as they are.
"""

from whence.errors.pipeline_definitions import (
    AmbiguousConnectionError,
    BoundArgumentError,
    CalledInBodyError,
    CalledInsideStepError,
    CycleError,
    DuplicateNodeError,
    EmptyPipelineError,
    ForeignNodeError,
    IncompatibleTypesError,
    InvalidFillerError,
    InvalidParameterError,
    InvalidPipelineError,
    InvalidReturnError,
    MissingArgumentError,
    NoConnectionError,
    NodeUsedAsValueError,
    NotRecordableError,
    OutputGivenError,
    OutsideBodyError,
    SlotMismatchError,
    SlotOutputsError,
    UnknownArgumentError,
    UnknownNodeError,
    UnknownOutputError,
    UnplacedStepError,
)
from whence.errors.settings import ComponentNotFoundError, InvalidSettingError, StackError
from whence.errors.step_definitions import (
    DefinitionError,
    DuplicateOutputError,
    InvalidAnnotationError,
    InvalidOptionError,
    InvalidStepError,
    MaterializerNotFoundError,
    MissingAnnotationError,
    UnresolvedAnnotationError,
    UnsupportedArgumentError,
)
from whence.errors.step_failures import (
    InputNotReadError,
    InvalidOutputFilesError,
    OutputNotStoredError,
    OutputNotWrittenError,
    StepFailedError,
    UnexpectedReturnError,
    WrongReturnError,
)
from whence.errors.stored_values import (
    FactNotKnownError,
    FreeArtifactError,
    MaterializationError,
    MissingPackageError,
    NotStorableError,
    UnknownClassError,
    UnknownFormatError,
    UnreadableArtifactError,
    UntrustedTypeError,
)
from whence.errors.stores import (
    ContentMissingError,
    IntegrityError,
    NewerStoreError,
    StoreError,
    StoreUnavailableError,
)
from whence.errors.usage import (
    AmbiguousNameError,
    CalledWhileLoadingError,
    RecordNotFoundError,
    TargetNotFoundError,
    UnknownMemberError,
    UsageError,
)
from whence.errors.whence_error import DOCUMENTATION, WhenceError, list_names, suggest

__all__ = [
    "DOCUMENTATION",
    "AmbiguousConnectionError",
    "AmbiguousNameError",
    "BoundArgumentError",
    "CalledInBodyError",
    "CalledInsideStepError",
    "CalledWhileLoadingError",
    "ComponentNotFoundError",
    "ContentMissingError",
    "CycleError",
    "DefinitionError",
    "DuplicateNodeError",
    "DuplicateOutputError",
    "EmptyPipelineError",
    "FactNotKnownError",
    "ForeignNodeError",
    "FreeArtifactError",
    "IncompatibleTypesError",
    "InputNotReadError",
    "IntegrityError",
    "InvalidAnnotationError",
    "InvalidFillerError",
    "InvalidOptionError",
    "InvalidOutputFilesError",
    "InvalidParameterError",
    "InvalidPipelineError",
    "InvalidReturnError",
    "InvalidSettingError",
    "InvalidStepError",
    "MaterializationError",
    "MaterializerNotFoundError",
    "MissingAnnotationError",
    "MissingArgumentError",
    "MissingPackageError",
    "NewerStoreError",
    "NoConnectionError",
    "NodeUsedAsValueError",
    "NotRecordableError",
    "NotStorableError",
    "OutputGivenError",
    "OutputNotStoredError",
    "OutputNotWrittenError",
    "OutsideBodyError",
    "RecordNotFoundError",
    "SlotMismatchError",
    "SlotOutputsError",
    "StackError",
    "StepFailedError",
    "StoreError",
    "StoreUnavailableError",
    "TargetNotFoundError",
    "UnexpectedReturnError",
    "UnknownArgumentError",
    "UnknownClassError",
    "UnknownFormatError",
    "UnknownMemberError",
    "UnknownNodeError",
    "UnknownOutputError",
    "UnplacedStepError",
    "UnreadableArtifactError",
    "UnresolvedAnnotationError",
    "UnsupportedArgumentError",
    "UntrustedTypeError",
    "UsageError",
    "WhenceError",
    "WrongReturnError",
    "list_names",
    "suggest",
]
