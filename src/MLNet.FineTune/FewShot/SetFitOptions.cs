namespace MLNet.FineTune;

/// <summary>Options of the trainers that make a classifier of few labelled texts, each of one class, in two phases: contrastive fine-tuning of the encoder, then a head on its embeddings.</summary>
public sealed class SetFitOptions : SetFitTrainerOptions;
