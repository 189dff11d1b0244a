namespace MLNet.FineTune.Models;

/// <summary>What a fine-tuned checkpoint is opened to predict.</summary>
internal enum PretrainedTask
{
    /// <summary>One class of a text.</summary>
    Classes,

    /// <summary>Any number of classes of a text.</summary>
    LabelSets,

    /// <summary>A number for a text.</summary>
    Number,

    /// <summary>A class for each word of a text.</summary>
    Words,

    /// <summary>Answers to questions.</summary>
    Answers,
}
