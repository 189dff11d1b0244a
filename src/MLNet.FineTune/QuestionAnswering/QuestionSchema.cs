using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;
using static Microsoft.ML.SchemaShape.Column;

namespace MLNet.FineTune.QuestionAnswering;

/// <summary>What learning to answer questions asks of its input's schema and promises of its output's.</summary>
internal static class QuestionSchema
{
    private const string Parameter = "inputSchema";

    /// <summary>Checks the input and gives the schema that the fitted transformer's output will have.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public static SchemaShape GetOutputShape(SchemaShape input, QuestionColumns columns, ScoringColumns outputs, int topK)
    {
        ArgumentNullException.ThrowIfNull(input);
        TextColumns.Check(input, "question", columns.Question, Parameter);
        TextColumns.Check(input, "context", columns.Context, Parameter);
        AnswerColumn.Check(input, "answer", columns.Answer, texts: true, Parameter);
        AnswerColumn.Check(input, "answer start", columns.AnswerStart, texts: false, Parameter);
        if (columns.ExampleWeight is not null)
            TextClassificationSchema.CheckWeight(input, columns.ExampleWeight);
        VectorKind kind = topK == 1 ? VectorKind.Scalar : VectorKind.Vector;
        SchemaShape annotations = new(AnnotationUtils.GetTrainerOutputAnnotation());
        return TextClassificationSchema.Append(input,
        [
            new(outputs.PredictedLabel, kind, TextDataViewType.Instance, isKey: false, annotations),
            new(outputs.Score, kind, NumberDataViewType.Single, isKey: false, annotations),
            new(outputs.AnswerStart!, kind, NumberDataViewType.Int32, isKey: false, annotations),
            new(outputs.AnswerLength!, kind, NumberDataViewType.Int32, isKey: false, annotations),
        ]);
    }
}
