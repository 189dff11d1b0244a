namespace MLNet.FineTune;

/// <summary>What a search over fine-tuning methods can make as good as it can.</summary>
public enum PeftObjective
{
    /// <summary>The validation metric of the training options, <see cref="TrainingOptions.ValidationMetric"/>: the best value on the way, whose weights training returns.</summary>
    Quality,

    /// <summary>
    /// How many trained numbers the model has, those of the classification head among them, as <c>DescribeParameters</c> counts them: what is left out when training ends, as the network that makes a prefix,
    /// is not counted. The fewer the better. It is known before training, but of methods whose size is decided as they train, such as AdaLoRA.
    /// </summary>
    TrainableParameters,

    /// <summary>The time that training takes, validation included, in seconds; what trials share, tokens and the outputs of frozen layers, is not counted. It depends on the machine and what else it does.</summary>
    TrainingSeconds,

    /// <summary>The size of the weights that a saved model holds besides the encoder, in bytes; of all weights where the method trains the encoder's own.</summary>
    AdapterBytes,

    /// <summary>
    /// The time that the trained model takes to score a text, tokens made before, in milliseconds: validation rows, at most 128, in batches as <c>Transform</c> scores them, the fastest of three rounds.
    /// What an adapter adds to the time is in it, also where merging it into the weights would take that away. It depends on the machine and what else it does.
    /// </summary>
    ScoringMilliseconds,

    /// <summary>
    /// The most main memory that the process holds while the trial trains, validates and scores, in bytes, beyond what it held before: weights that trials share, and what earlier trials left, are not in it.
    /// What a GPU holds is not either. Other work of the process is.
    /// </summary>
    PeakMemoryBytes,
}
