using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Persistence;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;
using static Microsoft.ML.Data.AnnotationUtils;

namespace MLNet.FineTune;

/// <summary>A fitted model that predicts a number for each text or pair of texts.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Output column</term><description>Type and content</description></listheader>
/// <item><term>Score</term><description><see cref="float"/>: the predicted number, in the unit of the label.</description></item>
/// </list>
/// </remarks>
public sealed class TextRegressionTransformer : FineTunedTextTransformer
{
    internal const string LoaderSignature = "FineTuneRegressionText";

    internal TextRegressionTransformer(IHostEnvironment environment, ITextClassifier model, ScoringColumns columns)
        : base(environment.Register(nameof(TextRegressionTransformer)), model, ClassLabels.Number, columns with { Probability = null })
    {
    }

    internal static VersionInfo VersionInfo => TransformerModel.MakeVersion("FTRGTEXT", LoaderSignature);

    private protected override VersionInfo Version => VersionInfo;

    internal override ClassificationTask Task => ClassificationTask.Regression;

    /// <inheritdoc cref="TextClassificationTransformer.MergeAdapter"/>
    public TextRegressionTransformer MergeAdapter() => Around(Merged());

    private protected override TextRegressionTransformer Around(ITextClassifier classifier) => new(Environment, classifier, Columns);

    internal override DataViewSchema.DetachedColumn[] MakeOutputColumns(uint scoreSet) =>
        [new(Columns.Score, NumberDataViewType.Single, OutputAnnotations.Make(scoreSet, Const.ScoreColumnKind.Regression, Const.ScoreValueKind.Score).ToAnnotations())];

    internal override Delegate MakeGetter(int output, ScoreSource scores) => (ValueGetter<float>)((ref float score) => score = scores.Current[0]);

    /// <summary>Called by ML.NET to load the transformer.</summary>
    private static TextRegressionTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        TransformerParts parts = ClassificationModel.Load(env, ctx, VersionInfo);
        return parts.Make(() => new TextRegressionTransformer(env, parts.Classifier, parts.Columns));
    }
}
