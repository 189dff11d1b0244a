using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Persistence;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;
using static Microsoft.ML.Data.AnnotationUtils;

namespace MLNet.FineTune;

/// <summary>A fitted multiclass classifier of texts.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Output column</term><description>Type and content</description></listheader>
/// <item><term>PredictedLabel</term><description>Key of the label's key type and values: the most probable class. <c>MapKeyToValue</c> turns it into the value.</description></item>
/// <item><term>Score</term><description>Vector of <see cref="float"/>, one element a class: softmax probabilities. Slot names are the class names.</description></item>
/// </list>
/// The classes are the values of the label's key, whether or not each of them occurred in the training data.
/// </remarks>
public sealed class MulticlassTextClassificationTransformer : TextClassificationTransformer
{
    internal const string LoaderSignature = "FineTuneMulticlassText";

    internal MulticlassTextClassificationTransformer(IHostEnvironment environment, ITextClassifier classifier, ClassLabels labels, ScoringColumns columns)
        : base(environment.Register(nameof(MulticlassTextClassificationTransformer)), classifier, labels, columns with { Probability = null })
    {
        if (labels.KeyType is null)
            throw new ArgumentException("A multiclass label is a key.", nameof(labels));
    }

    internal static VersionInfo VersionInfo => TransformerModel.MakeVersion("FTMCTEXT", LoaderSignature);

    private protected override VersionInfo Version => VersionInfo;

    internal override ClassificationTask Task => ClassificationTask.Multiclass;

    private protected override TextClassificationTransformer Around(ITextClassifier classifier) => new MulticlassTextClassificationTransformer(Environment, classifier, Labels, Columns);

    internal override DataViewSchema.DetachedColumn[] MakeOutputColumns(uint scoreSet)
    {
        const string Kind = Const.ScoreColumnKind.MulticlassClassification;
        DataViewSchema.Annotations.Builder predicted = OutputAnnotations.Make(scoreSet, Kind, Const.ScoreValueKind.PredictedLabel);
        Labels.Values?.AddTo(predicted, Kinds.KeyValues);
        DataViewSchema.Annotations.Builder score = OutputAnnotations.Make(scoreSet, Kind, Const.ScoreValueKind.Score);
        Labels.AddSlotNames(score);
        Labels.Values?.AddTo(score, Kinds.TrainingLabelValues);
        return
        [
            new(Columns.PredictedLabel, Labels.KeyType, predicted.ToAnnotations()),
            new(Columns.Score, new VectorDataViewType(NumberDataViewType.Single, Labels.Count), score.ToAnnotations()),
        ];
    }

    internal override Delegate MakeGetter(int output, ScoreSource logits) => output switch
    {
        0 when Labels.KeyType!.RawType == typeof(byte) => MakePredictedLabelGetter<byte>(logits),
        0 when Labels.KeyType.RawType == typeof(ushort) => MakePredictedLabelGetter<ushort>(logits),
        0 when Labels.KeyType.RawType == typeof(uint) => MakePredictedLabelGetter<uint>(logits),
        0 => MakePredictedLabelGetter<ulong>(logits),
        _ => MakeScoreGetter(logits),
    };

    private ValueGetter<T> MakePredictedLabelGetter<T>(ScoreSource logits) where T : INumberBase<T>
    {
        // From the probabilities, not the logits: the prediction is then the largest score even where rounding makes two equal.
        float[] probabilities = new float[Labels.Count];
        return (ref T label) =>
        {
            Softmax.Apply(logits.Current, probabilities);
            label = T.CreateChecked(Softmax.IndexOfLargest(probabilities) + 1);
        };
    }

    private ValueGetter<VBuffer<float>> MakeScoreGetter(ScoreSource logits) => (ref VBuffer<float> score) =>
    {
        VBufferEditor<float> editor = VBufferEditor.Create(ref score, Labels.Count);
        Softmax.Apply(logits.Current, editor.Values);
        score = editor.Commit();
    };

    /// <summary>Called by ML.NET to load the transformer.</summary>
    private static MulticlassTextClassificationTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        TransformerParts parts = ClassificationModel.Load(env, ctx, VersionInfo);
        return parts.Make(() => new MulticlassTextClassificationTransformer(env, parts.Classifier, parts.Labels, parts.Columns));
    }
}
