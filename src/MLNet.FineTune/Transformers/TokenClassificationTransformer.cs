using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Persistence;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Training;
using MLNet.FineTune.Transformers;
using static Microsoft.ML.Data.AnnotationUtils;

namespace MLNet.FineTune;

/// <summary>A fitted model that classifies each word of a text.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Output column</term><description>Type and content</description></listheader>
/// <item><term>PredictedLabel</term><description>Vector of keys of the label's key type and values, one a word, which <c>MapKeyToValue</c> turns into the values. Key 0 (missing) for a word that the tokenizer makes nothing of, such as an empty one.</description></item>
/// <item><term>Score</term><description>Vector of <see cref="float"/>, one a word: the probability of the predicted label; not a number where that is missing.</description></item>
/// </list>
/// A text longer than the maximum length is scored in windows that overlap by half; each word is classified in the one that cuts its context least.
/// </remarks>
public sealed class TokenClassificationTransformer : FineTunedTextTransformer
{
    internal const string LoaderSignature = "FineTuneTokenText";

    private const string ScoreKind = "TokenClassification";

    internal TokenClassificationTransformer(IHostEnvironment environment, ITextClassifier model, ClassLabels labels, ScoringColumns columns)
        : base(environment.Register(nameof(TokenClassificationTransformer)), model, labels, columns with { Probability = null })
    {
        if (labels.KeyType is null)
            throw new ArgumentException("The labels are of no key; expected a key, which words are classified by.", nameof(labels));
    }

    /// <summary>The names of the labels: the values of the label's key as text, or its key numbers where it has no values.</summary>
    public IReadOnlyList<string> ClassNames => Labels.Names;

    internal static VersionInfo VersionInfo => TransformerModel.MakeVersion("FTTKTEXT", LoaderSignature);

    private protected override VersionInfo Version => VersionInfo;

    internal override ClassificationTask Task => ClassificationTask.Tagging;

    /// <inheritdoc cref="TextClassificationTransformer.MergeAdapter"/>
    public TokenClassificationTransformer MergeAdapter() => Around(Merged());

    private protected override TokenClassificationTransformer Around(ITextClassifier classifier) => new(Environment, classifier, Labels, Columns);

    private protected override TextColumns BindTexts(DataViewSchema input) => TextColumns.BindWords(input, Columns.Sentence1, nameof(input));

    internal override DataViewSchema.DetachedColumn[] MakeOutputColumns(uint scoreSet)
    {
        DataViewSchema.Annotations.Builder predicted = OutputAnnotations.Make(scoreSet, ScoreKind, Const.ScoreValueKind.PredictedLabel);
        Labels.Values?.AddTo(predicted, Kinds.KeyValues);
        return
        [
            new(Columns.PredictedLabel, new VectorDataViewType(Labels.KeyType!), predicted.ToAnnotations()),
            new(Columns.Score, new VectorDataViewType(NumberDataViewType.Single), OutputAnnotations.Make(scoreSet, ScoreKind, Const.ScoreValueKind.Score).ToAnnotations()),
        ];
    }

    internal override Delegate MakeGetter(int output, ScoreSource logits) => output switch
    {
        0 when Labels.KeyType!.RawType == typeof(byte) => MakeKeysGetter<byte>(logits),
        0 when Labels.KeyType!.RawType == typeof(ushort) => MakeKeysGetter<ushort>(logits),
        0 when Labels.KeyType!.RawType == typeof(uint) => MakeKeysGetter<uint>(logits),
        0 => MakeKeysGetter<ulong>(logits),
        _ => MakeWordGetter(logits, (word, best) =>
        {
            float sum = 0;
            foreach (float logit in word)
                sum += MathF.Exp(logit - word[best]);
            return 1 / sum;
        }),
    };

    private delegate T WordReader<T>(ReadOnlySpan<float> logits, int best);

    private ValueGetter<VBuffer<T>> MakeKeysGetter<T>(ScoreSource logits) where T : INumberBase<T> =>
        MakeWordGetter(logits, (word, best) => float.IsNaN(word[best]) ? T.Zero : T.CreateChecked(best + 1));

    private ValueGetter<VBuffer<T>> MakeWordGetter<T>(ScoreSource logits, WordReader<T> read) => (ref VBuffer<T> values) =>
    {
        ReadOnlySpan<float> all = logits.Current;
        int classes = Labels.Count;
        VBufferEditor<T> editor = VBufferEditor.Create(ref values, all.Length / classes);
        for (int word = 0; word < editor.Values.Length; word++)
        {
            ReadOnlySpan<float> scores = all.Slice(word * classes, classes);
            editor.Values[word] = read(scores, WordMetrics.Best(scores));
        }
        values = editor.Commit();
    };

    /// <summary>Called by ML.NET to load the transformer.</summary>
    private static TokenClassificationTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        TransformerParts parts = ClassificationModel.Load(env, ctx, VersionInfo);
        return parts.Make(() => new TokenClassificationTransformer(env, parts.Classifier, parts.Labels, parts.Columns));
    }
}
