using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Transformers;

/// <summary>What the batched path and the row path need of a transformer whose outputs come from the numbers that a model gives for texts.</summary>
internal interface ITextTransformer : ITransformer
{
    ITextScorer Scorer { get; }

    /// <summary>Most rows that are read ahead and scored in one call.</summary>
    int WindowRows { get; }

    /// <summary>Finds the text columns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A text column is missing or is not text.</exception>
    TextColumns BindTexts(DataViewSchema input);

    /// <summary>The output columns with their annotations.</summary>
    DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema input);

    /// <summary>A getter of one of the output columns.</summary>
    Delegate MakeGetter(int output, ScoreSource scores);
}
