namespace MLNet.FineTune.Trainers;

/// <summary>What kind of label a text classifier learns.</summary>
internal enum ClassificationTask
{
    /// <summary>A key; the classes are its values.</summary>
    Multiclass,

    /// <summary>True or false.</summary>
    Binary,

    /// <summary>Any number of keys, or true or false for each class.</summary>
    MultiLabel,
}
