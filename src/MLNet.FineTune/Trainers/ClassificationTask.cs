namespace MLNet.FineTune.Trainers;

/// <summary>What kind of label is learnt.</summary>
internal enum ClassificationTask
{
    /// <summary>A key; the classes are its values.</summary>
    Multiclass,

    /// <summary>True or false.</summary>
    Binary,

    /// <summary>Any number of keys, or true or false for each class.</summary>
    MultiLabel,

    /// <summary>A key for each word of a text.</summary>
    Tagging,

    /// <summary>A number; there are no classes.</summary>
    Regression,

    /// <summary>A stretch of a context that answers a question; there are no classes.</summary>
    QuestionAnswering,
}
