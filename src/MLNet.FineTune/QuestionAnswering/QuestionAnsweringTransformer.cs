using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Persistence;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;
using static Microsoft.ML.Data.AnnotationUtils;

namespace MLNet.FineTune;

/// <summary>A fitted model that answers questions by stretches of a context.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Output column</term><description>Type and content</description></listheader>
/// <item><term>PredictedAnswer</term><description>Text: the answer as it stands in the context; empty where there is none.</description></item>
/// <item><term>Score</term><description><see cref="float"/>: the probability of the answer among the twenty best (or as many as are given, if more), with that there is none where the model allows for it, by the softmax of their scores; not a number where there is no answer to give.</description></item>
/// <item><term>PredictedStart</term><description><see cref="int"/>: the index of the answer's first UTF-16 character in the context; −1 where there is none.</description></item>
/// <item><term>PredictedLength</term><description><see cref="int"/>: how many characters it has.</description></item>
/// </list>
/// A model that gives several answers has vectors of <see cref="AnswerCount"/> slots in each of these columns, the best answer first; where a context has fewer, the last slots hold none. Answers may overlap.
/// A context that is too long is read in windows that overlap, and the best answers of all windows are given. Of a question that takes more than half of the maximum length, the end is not read.
/// </remarks>
public sealed class QuestionAnsweringTransformer : FineTunedTextTransformer
{
    internal const string LoaderSignature = "FineTuneQuestions";

    private const string ScoreKind = "QuestionAnswering";

    internal QuestionAnsweringTransformer(IHostEnvironment environment, ITextClassifier model, ScoringColumns columns)
        : base(environment.Register(nameof(QuestionAnsweringTransformer)), model, ClassLabels.AnswerEnds, columns)
    {
        int numbers = model.LogitCount(new TextInput("", "", []));
        if (numbers == 0 || numbers % AnswerRules.AnswerWidth != 0)
            throw new ArgumentException($"The model gives a question {numbers} numbers; expected {AnswerRules.AnswerWidth} for each of one or more answers.", nameof(model));
        AnswerCount = numbers / AnswerRules.AnswerWidth;
    }

    /// <summary>How many answers each question is given.</summary>
    public int AnswerCount { get; }

    internal static VersionInfo VersionInfo => TransformerModel.MakeVersion("FTQUTEXT", LoaderSignature);

    private protected override VersionInfo Version => VersionInfo;

    internal override ClassificationTask Task => ClassificationTask.QuestionAnswering;

    /// <inheritdoc cref="TextClassificationTransformer.MergeAdapter"/>
    public QuestionAnsweringTransformer MergeAdapter() => Around(Merged());

    private protected override QuestionAnsweringTransformer Around(ITextClassifier classifier) => new(Environment, classifier, Columns);

    private protected override TextColumns BindTexts(DataViewSchema input) => TextColumns.BindQuestions(input, Columns.Sentence1, Columns.Sentence2!, nameof(input));

    internal override DataViewSchema.DetachedColumn[] MakeOutputColumns(uint scoreSet)
    {
        return
        [
            Column(Columns.PredictedLabel, TextDataViewType.Instance, Const.ScoreValueKind.PredictedLabel),
            Column(Columns.Score, NumberDataViewType.Single, Const.ScoreValueKind.Score),
            Column(Columns.AnswerStart!, NumberDataViewType.Int32, Const.ScoreValueKind.PredictedLabel),
            Column(Columns.AnswerLength!, NumberDataViewType.Int32, Const.ScoreValueKind.PredictedLabel),
        ];

        DataViewSchema.DetachedColumn Column(string name, PrimitiveDataViewType type, string valueKind) =>
            new(name, AnswerCount == 1 ? type : new VectorDataViewType(type, AnswerCount), OutputAnnotations.Make(scoreSet, ScoreKind, valueKind).ToAnnotations());
    }

    internal override Delegate MakeGetter(int output, ScoreSource scores) => output switch
    {
        0 => MakeGetter(scores, answer => scores.Text.Pair.AsMemory(answer.Length == 0 ? 0 : answer.Start, answer.Length)),
        1 => MakeGetter(scores, answer => answer.Probability),
        2 => MakeGetter(scores, answer => answer.Start),
        _ => MakeGetter(scores, answer => answer.Length),
    };

    private Delegate MakeGetter<T>(ScoreSource scores, Func<FoundAnswer, T> read)
    {
        if (AnswerCount == 1)
            return (ValueGetter<T>)((ref T value) => value = read(FoundAnswer.Read(scores.Current, 0)));
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> values) =>
        {
            ReadOnlySpan<float> answers = scores.Current;
            VBufferEditor<T> editor = VBufferEditor.Create(ref values, AnswerCount);
            for (int place = 0; place < AnswerCount; place++)
                editor.Values[place] = read(FoundAnswer.Read(answers, place));
            values = editor.Commit();
        });
    }

    /// <summary>Called by ML.NET to load the transformer.</summary>
    private static QuestionAnsweringTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        TransformerParts parts = ClassificationModel.Load(env, ctx, VersionInfo, answers: true);
        return parts.Make(() => new QuestionAnsweringTransformer(env, parts.Classifier, parts.Columns));
    }
}
