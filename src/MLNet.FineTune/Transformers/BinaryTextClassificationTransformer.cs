using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Persistence;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;
using static Microsoft.ML.Data.AnnotationUtils;

namespace MLNet.FineTune;

/// <summary>A fitted binary classifier of texts.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Output column</term><description>Type and content</description></listheader>
/// <item><term>PredictedLabel</term><description><see cref="bool"/>: whether the score is above 0, hence true more probable than false.</description></item>
/// <item><term>Score</term><description><see cref="float"/>: the logit of true less the logit of false, unbounded.</description></item>
/// <item><term>Probability</term><description><see cref="float"/>: the softmax probability of true, 0 to 1.</description></item>
/// </list>
/// </remarks>
public sealed class BinaryTextClassificationTransformer : TextClassificationTransformer
{
    internal const string LoaderSignature = "FineTuneBinaryText";

    internal BinaryTextClassificationTransformer(IHostEnvironment environment, ITextClassifier classifier, ScoringColumns columns)
        : base(environment.Register(nameof(BinaryTextClassificationTransformer)), classifier, ClassLabels.Boolean, columns.ForBinary())
    {
    }

    internal static VersionInfo VersionInfo => TransformerModel.MakeVersion("FTBNTEXT", LoaderSignature);

    private protected override VersionInfo Version => VersionInfo;

    internal override ClassificationTask Task => ClassificationTask.Binary;

    private protected override TextClassificationTransformer Around(ITextClassifier classifier) => new BinaryTextClassificationTransformer(Environment, classifier, Columns);

    internal override DataViewSchema.DetachedColumn[] MakeOutputColumns(uint scoreSet)
    {
        const string Kind = Const.ScoreColumnKind.BinaryClassification;
        DataViewSchema.Annotations.Builder probability = OutputAnnotations.Make(scoreSet, Kind, Const.ScoreValueKind.Probability);
        probability.Add(Kinds.IsNormalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
        return
        [
            new(Columns.PredictedLabel, BooleanDataViewType.Instance, OutputAnnotations.Make(scoreSet, Kind, Const.ScoreValueKind.PredictedLabel).ToAnnotations()),
            new(Columns.Score, NumberDataViewType.Single, OutputAnnotations.Make(scoreSet, Kind, Const.ScoreValueKind.Score).ToAnnotations()),
            new(Columns.Probability!, NumberDataViewType.Single, probability.ToAnnotations()),
        ];
    }

    internal override Delegate MakeGetter(int output, ScoreSource logits) => output switch
    {
        0 => (ValueGetter<bool>)((ref bool label) => label = Difference(logits) > 0),
        1 => (ValueGetter<float>)((ref float score) => score = Difference(logits)),
        _ => (ValueGetter<float>)((ref float probability) => probability = Softmax.OfDifference(Difference(logits))),
    };

    private static float Difference(ScoreSource logits)
    {
        ReadOnlySpan<float> current = logits.Current;
        return current[1] - current[0];
    }

    /// <summary>Called by ML.NET to load the transformer.</summary>
    private static BinaryTextClassificationTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        TransformerParts parts = ClassificationModel.Load(env, ctx, VersionInfo);
        return parts.Make(() => new BinaryTextClassificationTransformer(env, parts.Classifier, parts.Columns));
    }
}
