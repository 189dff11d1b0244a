namespace MLNet.FineTune;

/// <summary>What is measured on the validation rows, and decides which weights are the best.</summary>
public enum ValidationMetric
{
    /// <summary>The share of rows classified correctly; higher is better.</summary>
    Accuracy,

    /// <summary>The F1 score averaged over the classes, each counting the same; higher is better.</summary>
    MacroF1,

    /// <summary>The mean negative natural logarithm of the probability of the true class; lower is better.</summary>
    LogLoss,

    /// <summary>The area under the ROC curve of two classes; higher is better. Binary tasks only.</summary>
    AreaUnderRocCurve,

    /// <summary>The root of the mean squared error; lower is better. Regression only.</summary>
    RootMeanSquaredError,

    /// <summary>The share of the variance that is predicted, R²; higher is better. Regression only.</summary>
    RSquared,

    /// <summary>Spearman's rank correlation of predicted and true numbers; higher is better. Regression only.</summary>
    SpearmanCorrelation,

    /// <summary>The F1 score of whole entities, such as names of several words; higher is better. Token classification only.</summary>
    EntityF1,

    /// <summary>The share of questions answered word for word, but for capitals, punctuation, articles and white space; higher is better. Question answering only.</summary>
    ExactMatch,

    /// <summary>The F1 score of the words of answers, averaged over the questions; higher is better. Question answering only.</summary>
    AnswerF1,
}
