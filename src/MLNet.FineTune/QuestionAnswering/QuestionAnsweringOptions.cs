using Microsoft.ML.Data;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Training;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune;

/// <summary>Options of the trainer that fine-tunes a pretrained encoder to find the answers to questions in contexts.</summary>
/// <remarks>
/// The validation metric is <see cref="ValidationMetric.AnswerF1"/> unless <see cref="ValidationMetric.ExactMatch"/> is set; training options made anew have another one, and need one of these where there is validation.
/// <see cref="TrainingOptions.ValidationFraction"/> draws questions whatever their contexts: where several share one, give an <see cref="EncoderTrainerOptions.ValidationSet"/> of other contexts.
/// </remarks>
public sealed class QuestionAnsweringOptions : EncoderTrainerOptions
{
    /// <summary>Makes options with the defaults of question answering.</summary>
    public QuestionAnsweringOptions() => Training.ValidationMetric = ValidationMetric.AnswerF1;

    /// <summary>The column of contexts, in which answers are found.</summary>
    /// <value>Default <c>Context</c>.</value>
    public string ContextColumnName { get; set; } = "Context";

    /// <summary>The column of questions.</summary>
    /// <value>Default <c>Question</c>.</value>
    public string QuestionColumnName { get; set; } = "Question";

    /// <summary>The column of answers to learn, as they stand in the contexts: text, or a vector of text, of which the first is learnt and any counts as right in validation. Empty where the context has no answer, see <see cref="NullScoreThreshold"/>.</summary>
    /// <value>Default <c>Answer</c>.</value>
    public string AnswerColumnName { get; set; } = "Answer";

    /// <summary>The column that says where each answer begins: the index of its first UTF-16 character in the context, from 0; any type of number, or a vector with as many as answers.</summary>
    /// <value>Default <c>AnswerStart</c>.</value>
    public string AnswerStartColumnName { get; set; } = "AnswerStart";

    /// <summary>The output column of the answer.</summary>
    /// <value>Default <c>PredictedAnswer</c>.</value>
    public string PredictedAnswerColumnName { get; set; } = "PredictedAnswer";

    /// <summary>The output column that says where the answer begins.</summary>
    /// <value>Default <c>PredictedStart</c>.</value>
    public string PredictedStartColumnName { get; set; } = "PredictedStart";

    /// <summary>The output column that says how many UTF-16 characters the answer has.</summary>
    /// <value>Default <c>PredictedLength</c>.</value>
    public string PredictedLengthColumnName { get; set; } = "PredictedLength";

    /// <summary>How many tokens of the context further each window begins than the one before, at most, where a context is longer than the maximum length.</summary>
    /// <remarks>Less where windows would overlap by fewer tokens than the longest answer has, so that each answer is whole in one of them.</remarks>
    /// <value>Default 128, BERT's; at least 1.</value>
    public int DocumentStride { get; set; } = 128;

    /// <summary>The most tokens of a predicted answer.</summary>
    /// <value>Default 30, BERT's; at least 1.</value>
    public int MaxAnswerLength { get; set; } = 30;

    /// <summary>How many answers are given, the best first. With more than one, the outputs are vectors of so many slots.</summary>
    /// <value>Default 1; at most 1000.</value>
    public int TopK { get; set; } = 1;

    /// <summary>
    /// Lets questions have no answer, as in SQuAD 2: rows without one are learnt, and that there is none is predicted where its score, the logits of the first token, is
    /// by more than this above the best answer's. Higher values give more answers; 0 takes what scores best.
    /// </summary>
    /// <value>Default <see langword="null"/>: there always is an answer, and rows without one are left out.</value>
    public double? NullScoreThreshold { get; set; }

    internal QuestionColumns QuestionColumns => new(QuestionColumnName, ContextColumnName, AnswerColumnName, AnswerStartColumnName, ExampleWeightColumnName);

    internal ScoringColumns ScoringColumns => new(QuestionColumnName, ContextColumnName, ScoreColumnName, PredictedAnswerColumnName, AnswerStart: PredictedStartColumnName, AnswerLength: PredictedLengthColumnName);

    internal override AnswerRules Answers => new(DocumentStride, MaxAnswerLength, TopK, NullScoreThreshold);

    internal override void Validate()
    {
        QuestionColumns.Check();
        ArgumentException.ThrowIfNullOrWhiteSpace(PredictedStartColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(PredictedLengthColumnName);
        ScoringColumns.Check();
        base.Validate();
        Answers.Check(nameof(QuestionAnsweringOptions));
        Require(Training.LabelSmoothing == 0, $"{nameof(Training)}.{nameof(TrainingOptions.LabelSmoothing)}", Training.LabelSmoothing, "0: the places of answers are not smoothed");
        Require(Training.ClassWeighting == ClassWeighting.None && Training.ClassWeights is null, $"{nameof(Training)}.{nameof(TrainingOptions.ClassWeighting)}", Training.ClassWeighting, "none: there are no classes; give rows weights by ExampleWeightColumnName");
        RequireMetric(AnswerMetrics.Defined);
    }
}
