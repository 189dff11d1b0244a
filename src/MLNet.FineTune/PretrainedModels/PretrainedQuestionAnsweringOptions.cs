using MLNet.FineTune.Models;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune;

/// <summary>How a model that is fine-tuned already to answer questions is used.</summary>
public sealed class PretrainedQuestionAnsweringOptions : PretrainedModelOptions
{
    /// <inheritdoc cref="QuestionAnsweringOptions.ContextColumnName"/>
    public string ContextColumnName { get; set; } = "Context";

    /// <inheritdoc cref="QuestionAnsweringOptions.QuestionColumnName"/>
    public string QuestionColumnName { get; set; } = "Question";

    /// <inheritdoc cref="QuestionAnsweringOptions.PredictedAnswerColumnName"/>
    public string PredictedAnswerColumnName { get; set; } = "PredictedAnswer";

    /// <inheritdoc cref="QuestionAnsweringOptions.PredictedStartColumnName"/>
    public string PredictedStartColumnName { get; set; } = "PredictedStart";

    /// <inheritdoc cref="QuestionAnsweringOptions.PredictedLengthColumnName"/>
    public string PredictedLengthColumnName { get; set; } = "PredictedLength";

    /// <inheritdoc cref="QuestionAnsweringOptions.DocumentStride"/>
    public int DocumentStride { get; set; } = 128;

    /// <inheritdoc cref="QuestionAnsweringOptions.MaxAnswerLength"/>
    public int MaxAnswerLength { get; set; } = 30;

    /// <inheritdoc cref="QuestionAnsweringOptions.TopK"/>
    public int TopK { get; set; } = 1;

    /// <summary>
    /// Lets questions have no answer, for models that were trained so, on SQuAD 2 for instance: that there is none is predicted where its score, the logits of the first token, is
    /// by more than this above the best answer's. Higher values give more answers; 0 takes what scores best.
    /// </summary>
    /// <value>Default <see langword="null"/>: there always is an answer.</value>
    public double? NullScoreThreshold { get; set; }

    internal override ScoringColumns ScoringColumns => new(QuestionColumnName, ContextColumnName, ScoreColumnName, PredictedAnswerColumnName, AnswerStart: PredictedStartColumnName, AnswerLength: PredictedLengthColumnName);

    internal override AnswerRules Answers => new(DocumentStride, MaxAnswerLength, TopK, NullScoreThreshold);

    internal override void Validate(PretrainedTask task)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(QuestionColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(ContextColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(PredictedStartColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(PredictedLengthColumnName);
        base.Validate(task);
        Require(QuestionColumnName != ContextColumnName, nameof(ContextColumnName), ContextColumnName, "another column than that of questions");
        Answers.Check(nameof(PretrainedQuestionAnsweringOptions));
    }
}
