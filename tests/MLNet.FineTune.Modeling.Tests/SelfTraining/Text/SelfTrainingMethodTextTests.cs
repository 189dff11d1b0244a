namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class SelfTrainingMethodTextTests
{
    [TestMethod]
    [DataRow("cosine", "cosine")]
    [DataRow(" COSINE ( ) ", "cosine")]
    [DataRow("cosine(power=2, confidence-threshold=0.6)", "cosine")]
    [DataRow("cosine(StepScale=.1, confidenceThreshold=0, distance=Cosine, trust_labels=TRUE)", "cosine(step_scale=0.1, confidence_threshold=0, distance=cosine, trust_labels=true)")]
    [DataRow("cosine(self_training=training(learning_rate=1e-4, batch_size=16))", "cosine(self_training=training(batch_size=16, learning_rate=0.0001))")]
    [DataRow("cosine(self_training=training)", "cosine(self_training=training)")]
    [DataRow("cosine(self_training=training(max_duration=\"00:10:00\", max_gradient_norm=Infinity, class_weights=[1, 2.5]))", "cosine(self_training=training(max_duration=\"00:10:00\", max_gradient_norm=Infinity, class_weights=[1, 2.5]))")]
    [DataRow("pseudo-labels(rounds=2, balance=undersample, per_class=50)", "pseudo-labels(rounds=2, per_class=50, balance=undersample)")]
    [DataRow("pseudo_labels(per_class=null, labels=soft)", "pseudo-labels(labels=soft)")]
    [DataRow("em(unlabeled_weight=0.1, labels=hard)", "em(unlabeled_weight=0.1, labels=hard)")]
    [DataRow("semievol(predictions=8, evolution=training(epochs=5))", "semievol(predictions=8, evolution=training(epochs=5))")]
    [DataRow("list(student=lora(rank=16, alpha=16, targets=query|value), steps=60)", "list(student=lora(rank=16, targets=query|value), steps=60)")]
    [DataRow("list(student=union(parts=[lora | bottleneck]))", "list(student=union(parts=[lora | bottleneck]))")]
    [DataRow("list(prompt=prompt(template=\"{Sentence1} All in all, {Mask}.\", label_words={\"ham\":[\"good\"]}))", "list(prompt=prompt(template=\"{Sentence1} All in all, {Mask}.\", label_words={\"ham\":[\"good\"]}))")]
    [DataRow("list(prompt=prompt)", "list")]
    public void Texts(string text, string expected)
    {
        string written = SelfTrainingMethod.Parse(text).Format();
        Assert.AreEqual(expected, written);
        Assert.AreEqual(expected, SelfTrainingMethod.Parse(written).Format());
    }

    [TestMethod]
    public void OptionsAreThoseOfTheRecords()
    {
        Assert.AreEqual(new Cosine { Steps = 200, ConfidenceWeight = 0.3, Distance = EmbeddingDistance.Cosine }, SelfTrainingMethod.Parse("cosine(steps=200, confidence_weight=0.3, distance=cosine)"));
        var list = (LitePromptedSelfTraining)SelfTrainingMethod.Parse("list(student=lora(rank=4), self_training=training(schedule=cosine))");
        Assert.AreEqual(new Lora { Rank = 4 }, list.Student);
        Assert.AreEqual(LearningRateSchedule.Cosine, list.SelfTraining!.Schedule);
        Assert.AreEqual("semievol", new SemiEvol().MethodName);
    }

    [TestMethod]
    [DataRow("cosin", "position 1", "the method 'cosin'", "cosine, em, ", "pseudo-labels, semievol")]
    [DataRow("cosine(threshold=0.5)", "position 8", "'cosine' has no option 'threshold'", "confidence_threshold")]
    [DataRow("cosine(confidence_threshold=1)", "position 1", "Cosine.ConfidenceThreshold is 1")]
    [DataRow("cosine(self_training=training(epochs=0))", "position 22", "TrainingOptions.Epochs is 0")]
    [DataRow("cosine(self_training=lora)", "position 22", "found the training 'lora'; known are training")]
    [DataRow("cosine(self_training=training(progress=1))", "position 31", "'training' has no option 'progress'")]
    [DataRow("list(student=cosine)", "position 14", "the method 'cosine'", "lora")]
    [DataRow("list(prompt=null)", "position 1", "Prompt is null")]
    [DataRow("list(prompt=prompt(template=\"{Mask}\"))", "position 13", "'{Sentence1}' is missing")]
    [DataRow("cosine | list", "position 8", "expected the end")]
    public void WhatIsWrongIsNamed(string text, params string[] parts)
    {
        string message = Assert.ThrowsExactly<FormatException>(() => SelfTrainingMethod.Parse(text)).Message;
        foreach (string part in parts)
            StringAssert.Contains(message, part);
    }
}
