namespace MLNet.FineTune;

/// <summary>Options of the trainers that fine-tune a pretrained encoder to classify texts or pairs of texts.</summary>
public sealed class TextClassificationOptions : TextTrainerOptions;
