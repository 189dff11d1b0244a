using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Persistence;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;
using static Microsoft.ML.Data.AnnotationUtils;

namespace MLNet.FineTune;

/// <summary>A fitted classifier of texts that can have several labels or none.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Output column</term><description>Type and content</description></listheader>
/// <item><term>PredictedLabel</term><description>The labels whose probability is above the threshold: a vector of keys, ascending, of the label's key type and values and of as many elements as there are, which <c>MapKeyToValue</c> turns into the values; a vector of <see cref="bool"/> with a slot a label where the model was trained on such.</description></item>
/// <item><term>Score</term><description>Vector of <see cref="float"/>, one element a label: its probability. They do not add up to one. Slot names are the class names.</description></item>
/// </list>
/// The classes are the values of the label's key, or its slots, whether or not each of them occurred in the training data.
/// </remarks>
public sealed class MultiLabelTextClassificationTransformer : TextClassificationTransformer
{
    internal const string LoaderSignature = "FineTuneMultiLabelText";

    /// <summary>How ML.NET's annotations name the kind of score; none of its own evaluators reads it.</summary>
    private const string ScoreKind = "MultiLabelClassification";

    internal MultiLabelTextClassificationTransformer(IHostEnvironment environment, ITextClassifier classifier, ClassLabels labels, LabelRule rule, ScoringColumns columns)
        : base(environment.Register(nameof(MultiLabelTextClassificationTransformer)), classifier, labels, columns with { Probability = null })
    {
        if (rule.Chain is { } chain && chain.Order.Length != labels.Count)
            throw new ArgumentException($"The chain has {chain.Order.Length} labels, the classifier {labels.Count}.", nameof(rule));
        Rule = rule;
    }

    internal static VersionInfo VersionInfo => TransformerModel.MakeVersion("FTMLTEXT", LoaderSignature);

    internal override LabelRule Rule { get; }

    private protected override VersionInfo Version => VersionInfo;

    internal override ClassificationTask Task => ClassificationTask.MultiLabel;

    private protected override TextClassificationTransformer Around(ITextClassifier classifier) => new MultiLabelTextClassificationTransformer(Environment, classifier, Labels, Rule, Columns);

    internal override DataViewSchema.DetachedColumn[] MakeOutputColumns(uint scoreSet)
    {
        DataViewSchema.Annotations.Builder predicted = OutputAnnotations.Make(scoreSet, ScoreKind, Const.ScoreValueKind.PredictedLabel);
        if (Labels.KeyType is null)
            Labels.AddSlotNames(predicted);
        Labels.Values?.AddTo(predicted, Kinds.KeyValues);
        DataViewSchema.Annotations.Builder score = OutputAnnotations.Make(scoreSet, ScoreKind, Const.ScoreValueKind.Score);
        Labels.AddSlotNames(score);
        Labels.Values?.AddTo(score, Kinds.TrainingLabelValues);
        return
        [
            new(Columns.PredictedLabel, Labels.KeyType is { } key ? new VectorDataViewType(key) : new VectorDataViewType(BooleanDataViewType.Instance, Labels.Count), predicted.ToAnnotations()),
            new(Columns.Score, new VectorDataViewType(NumberDataViewType.Single, Labels.Count), score.ToAnnotations()),
        ];
    }

    internal override Delegate MakeGetter(int output, ScoreSource logits) => output switch
    {
        0 when Labels.KeyType is null => MakeIndicatorGetter(logits),
        0 when Labels.KeyType.RawType == typeof(byte) => MakeKeysGetter<byte>(logits),
        0 when Labels.KeyType.RawType == typeof(ushort) => MakeKeysGetter<ushort>(logits),
        0 when Labels.KeyType.RawType == typeof(uint) => MakeKeysGetter<uint>(logits),
        0 => MakeKeysGetter<ulong>(logits),
        _ => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> score) =>
        {
            VBufferEditor<float> editor = VBufferEditor.Create(ref score, Labels.Count);
            Rule.Apply(logits.Current, editor.Values);
            score = editor.Commit();
        }),
    };

    private ValueGetter<VBuffer<T>> MakeKeysGetter<T>(ScoreSource logits) where T : INumberBase<T>
    {
        float[] probabilities = new float[Labels.Count];
        return (ref VBuffer<T> keys) =>
        {
            Rule.Apply(logits.Current, probabilities);
            VBufferEditor<T> editor = VBufferEditor.Create(ref keys, probabilities.Count(probability => probability > Rule.Threshold));
            for (int label = 0, next = 0; label < probabilities.Length; label++)
                if (probabilities[label] > Rule.Threshold)
                    editor.Values[next++] = T.CreateChecked(label + 1);
            keys = editor.Commit();
        };
    }

    private ValueGetter<VBuffer<bool>> MakeIndicatorGetter(ScoreSource logits)
    {
        float[] probabilities = new float[Labels.Count];
        return (ref VBuffer<bool> indicator) =>
        {
            Rule.Apply(logits.Current, probabilities);
            VBufferEditor<bool> editor = VBufferEditor.Create(ref indicator, probabilities.Length);
            for (int label = 0; label < probabilities.Length; label++)
                editor.Values[label] = probabilities[label] > Rule.Threshold;
            indicator = editor.Commit();
        };
    }

    /// <summary>Called by ML.NET to load the transformer.</summary>
    private static MultiLabelTextClassificationTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        TransformerParts parts = ClassificationModel.Load(env, ctx, VersionInfo, severalLabels: true);
        return parts.Make(() => new MultiLabelTextClassificationTransformer(env, parts.Classifier, parts.Labels, parts.Rule!, parts.Columns));
    }
}
