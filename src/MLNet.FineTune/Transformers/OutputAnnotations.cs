using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Transformers;

/// <summary>The annotations by which ML.NET's evaluators recognise score columns.</summary>
internal static class OutputAnnotations
{
    /// <summary>A builder that holds the set number, the kind of the task, and what the column holds.</summary>
    /// <param name="scoreSet">Number of the scorer's columns in the data.</param>
    /// <param name="columnKind">One of <see cref="AnnotationUtils.Const.ScoreColumnKind"/>.</param>
    /// <param name="valueKind">One of <see cref="AnnotationUtils.Const.ScoreValueKind"/>.</param>
    public static DataViewSchema.Annotations.Builder Make(uint scoreSet, string columnKind, string valueKind)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(AnnotationUtils.Kinds.ScoreColumnSetId, AnnotationUtils.ScoreColumnSetIdType, (ref uint value) => value = scoreSet);
        builder.Add(AnnotationUtils.Kinds.ScoreColumnKind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = columnKind.AsMemory());
        builder.Add(AnnotationUtils.Kinds.ScoreValueKind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = valueKind.AsMemory());
        return builder;
    }
}
