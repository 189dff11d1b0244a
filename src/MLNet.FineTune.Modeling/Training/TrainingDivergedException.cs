using System.Globalization;

namespace MLNet.FineTune;

/// <summary>Training produced a loss or a gradient that is not a finite number. The parameters are those before the failed step.</summary>
public sealed class TrainingDivergedException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    public TrainingDivergedException()
        : this("Training diverged.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public TrainingDivergedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What caused it.</param>
    public TrainingDivergedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal TrainingDivergedException(int step, double learningRate, double loss, double gradientNorm)
        : base(string.Create(CultureInfo.InvariantCulture,
            $"Training diverged at step {step}: loss {loss}, gradient norm {gradientNorm}, learning rate {learningRate:g4}; expected finite numbers. ") +
            "Lower LearningRate (a tenth is a good first try), lengthen the warm-up (WarmupRatio), keep MaxGradientNorm at 1, or train in Float32.")
    {
        Step = step;
        LearningRate = learningRate;
        Loss = loss;
        GradientNorm = gradientNorm;
    }

    /// <summary>The step that failed, counted from 1.</summary>
    public int Step { get; }

    /// <summary>The learning rate of that step.</summary>
    public double LearningRate { get; }

    /// <summary>The mean loss of that step.</summary>
    public double Loss { get; }

    /// <summary>The gradient norm of that step, before clipping.</summary>
    public double GradientNorm { get; }
}
